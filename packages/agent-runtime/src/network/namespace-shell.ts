/**
 * The programs that set up a network namespace, each fed by standard input so that many changes cost one process.
 */
import { access } from 'node:fs/promises';
import { CommandError, runCommand } from '../host/run-command.ts';

/** As `runCommand`; tests pass one that fails. */
export type CommandRunner = typeof runCommand;

export class NamespaceShell {
  readonly name: string;
  readonly #run: CommandRunner;

  constructor(name: string, run: CommandRunner = runCommand) {
    this.name = name;
    this.#run = run;
  }

  /** Where the namespace can be entered. */
  get path(): string {
    return `/run/netns/${this.name}`;
  }

  /** Makes the namespace if there is none, also after a crash while it was made. */
  async make(): Promise<void> {
    if (await this.exists()) return;
    await this.remove();
    await this.#run('ip', ['netns', 'add', this.name]);
  }

  async exists(): Promise<boolean> {
    try {
      await access(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    try {
      await this.ipShow('link', 'show', 'dev', 'lo');
      return true;
    } catch (error) {
      if (
        error instanceof CommandError &&
        /network namespace|Invalid argument|setting the network/.test(error.stderr)
      )
        return false;
      throw error;
    }
  }

  /** With all links in it. Idempotent. */
  async remove(): Promise<void> {
    try {
      await this.#run('ip', ['netns', 'delete', this.name]);
    } catch (error) {
      if (!(error instanceof CommandError && error.stderr.includes('No such file'))) throw error;
    }
  }

  async ip(commands: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#batch('ip', commands, signal);
  }

  async tc(commands: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#batch('tc', commands, signal);
  }

  /** @returns the parsed JSON */
  async ipShow(...args: readonly string[]): Promise<unknown> {
    return parse((await this.#run('ip', ['-n', this.name, '-j', ...args])).stdout);
  }

  /** @returns text: `tc` 6.1 prints classes in no other form */
  async tcShow(...args: readonly string[]): Promise<string> {
    return (await this.#run('tc', ['-n', this.name, ...args])).stdout;
  }

  /** One transaction. */
  async nft(script: string, signal?: AbortSignal): Promise<void> {
    if (script !== '') await this.#enter(['nft', '-f', '-'], { input: script, ...(signal && { signal }) });
  }

  async nftList(...args: readonly string[]): Promise<string> {
    return (await this.#enter(['nft', '-j', 'list', ...args])).stdout;
  }

  async sysctl(settings: Readonly<Record<string, string | number>>): Promise<void> {
    await this.#enter([
      'sysctl',
      '-q',
      '-w',
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ]);
  }

  async #batch(program: 'ip' | 'tc', commands: readonly string[], signal?: AbortSignal): Promise<void> {
    if (commands.length === 0) return;
    const input = `${commands.join('\n')}\n`;
    await this.#run(program, ['-n', this.name, '-batch', '-'], { input, ...(signal && { signal }) });
  }

  #enter(args: readonly string[], options: Parameters<CommandRunner>[2] = {}): ReturnType<CommandRunner> {
    return this.#run('nsenter', [`--net=${this.path}`, ...args], options);
  }
}

/** The programs print nothing when there is nothing. */
function parse(text: string): unknown {
  return text.trim() === '' ? [] : JSON.parse(text);
}
