/** As much of `ip` as the uplink uses: links on the host and in one namespace, rules and routes of the namespace. */
import type { CommandResult } from '../../src/host/run-command.ts';

export interface FakeLink {
  ifname: string;
  readonly address: string;
  readonly kind?: string;
  up: boolean;
  inet: string[];
}

export class FakeIp {
  readonly host: FakeLink[] = [];
  readonly router: FakeLink[] = [];
  readonly rules: Set<string> = new Set(['pref 0 lookup 255', 'pref 32766 lookup 254']);
  readonly routes: Set<string> = new Set();
  /** Ends the agent before this command, counted from 0; and in a batch before this line. */
  dieAt: { readonly command: number; readonly line: number } | undefined;
  #commands = 0;

  run = async (
    program: string,
    args: readonly string[],
    options: { input?: string } = {},
  ): Promise<CommandResult> => {
    if (program !== 'ip') throw new Error(`unknown program ${program}`);
    const dies = this.dieAt?.command === this.#commands++ ? this.dieAt.line : Infinity;
    if (dies === 0) throw new Error('killed');
    const inside = args[0] === '-n';
    const rest = inside ? args.slice(2) : args;
    const lines = rest[0] === '-batch' ? (options.input ?? '').trim().split('\n') : undefined;
    if (lines === undefined)
      return { stdout: JSON.stringify(this.#show(inside, rest.join(' '))), stderr: '' };
    for (const [i, line] of lines.entries()) {
      if (i === dies) throw new Error('killed');
      this.#apply(inside, line.split(' '));
    }
    return { stdout: '', stderr: '' };
  };

  restart(): void {
    this.#commands = 0;
    this.dieAt = undefined;
  }

  #show(inside: boolean, what: string): unknown {
    if (what.endsWith('addr show')) {
      return (inside ? this.router : this.host).map(({ ifname, address, kind, up, inet }) => ({
        ifname,
        address,
        flags: up ? ['UP'] : [],
        ...(kind !== undefined && { linkinfo: { info_kind: kind } }),
        addr_info: inet.map((local) => ({ family: 'inet', local, prefixlen: 32 })),
      }));
    }
    if (what.endsWith('rule show')) {
      return [...this.rules].map((rule) => {
        const [, priority, from, iif, table] =
          /^pref (\d+)(?: from (\S+))?(?: iif (\S+))? lookup (\d+)$/.exec(rule)!;
        return { priority: Number(priority), src: from ?? 'all', ...(iif && { iif }), table };
      });
    }
    if (what.endsWith('route show table all')) {
      return [...this.routes].map((route) => JSON.parse(route) as unknown);
    }
    throw new Error(`unknown: ${what}`);
  }

  #apply(inside: boolean, words: readonly string[]): void {
    const links = inside ? this.router : this.host;
    const [object, verb, ...rest] = words;
    const after = (word: string): string => words[words.indexOf(word) + 1];
    const link = (): FakeLink => {
      const found = links.find(({ ifname }) => ifname === after('dev'));
      if (found === undefined) throw new Error(`no link: ${words.join(' ')}`);
      return found;
    };
    if (object === 'link') {
      const chosen = link();
      if (words.includes('netns')) {
        links.splice(links.indexOf(chosen), 1);
        this.router.push({ ...chosen, up: false, inet: [] });
      } else if (words.includes('name')) {
        if (chosen.up) throw new Error('busy');
        chosen.ifname = after('name');
      } else {
        chosen.up = words.includes('up');
        for (const address of chosen.inet) this.#local(address, chosen.up);
      }
    } else if (object === 'addr') {
      const chosen = link();
      if (verb === 'flush') {
        for (const address of chosen.inet) this.#local(address, false);
        chosen.inet = [];
      } else {
        const address = rest[0].replace('/32', '');
        chosen.inet.push(address);
        if (chosen.up) this.#local(address, true);
      }
    } else if (object === 'rule') {
      const rule = rest.join(' ');
      if (verb === 'add' ? this.rules.has(rule) : !this.rules.has(rule))
        throw new Error(`rule ${verb} ${rule}`);
      if (verb === 'add') this.rules.add(rule);
      else this.rules.delete(rule);
    } else if (object === 'route') {
      const table = after('table');
      const [first] = rest;
      const types: Record<string, string> = { throw: '9', prohibit: '8', local: '2' };
      const dst = (types[first] === undefined ? first : rest[1]).replace('/32', '');
      const route = JSON.stringify({ ...(types[first] && { type: types[first] }), dst, table });
      if (verb === 'add' && this.routes.has(route)) throw new Error(`route exists: ${route}`);
      if (verb === 'del' && !this.routes.has(route)) throw new Error(`no route: ${route}`);
      if (verb === 'del') this.routes.delete(route);
      else this.routes.add(route);
    } else throw new Error(`unknown: ${words.join(' ')}`);
  }

  #local(address: string, exists: boolean): void {
    const route = JSON.stringify({ type: '2', dst: address, table: '255' });
    if (exists) this.routes.add(route);
    else this.routes.delete(route);
  }
}
