/**
 * A VPC that consists of one host: interfaces and addresses are entries in a file, and the router's rules are all there
 * is of security groups. The file is replaced in one step before anything is told to be done, so a restart finds every
 * address that a task may have.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidContainerError } from '../contract/container-backend.ts';
import { writeFileAtomically } from '../host/atomic-file.ts';
import { sortedGroups } from './address-assignment.ts';
import { addressText, parseCidr, type Cidr } from './cidr.ts';
import { networkError } from './errors.ts';
import type { VpcDriver, VpcInterface, VpcLimits, VpcSubnet } from './vpc-driver.ts';

/** @public */
export interface LocalVpcOptions {
  /** The file with its state; folders are made. */
  readonly path: string;
  /** Range of all addresses, at most a /16: the first four and the last stay unused, as in EC2. Default `10.64.0.0/16`. */
  readonly cidr?: string;
  /** Ids of the security groups that there are. */
  readonly securityGroups: readonly string[];
  /** Default 15 interfaces with 50 addresses each and 10,000 Mbps. */
  readonly limits?: Partial<VpcLimits>;
  /** Default `writeFileAtomically`. */
  readonly write?: (path: string, text: string) => Promise<void>;
}

/** What EC2 keeps for itself at the start of a subnet. */
const RESERVED_ADDRESSES = 4;

/** @public */
export class LocalVpc implements VpcDriver {
  readonly name = 'local';
  readonly #path: string;
  readonly #range: Cidr;
  readonly #subnet: VpcSubnet;
  readonly #groups: ReadonlySet<string>;
  readonly #limits: VpcLimits;
  readonly #write: (path: string, text: string) => Promise<void>;
  #state: Promise<readonly VpcInterface[]> | undefined;
  /** Changes are made one after another. */
  #last: Promise<unknown> = Promise.resolve();

  /** @throws AgentError `INVALID_NETWORK_OPTION` */
  constructor(options: LocalVpcOptions) {
    const { path, cidr = '10.64.0.0/16', securityGroups, limits, write = writeFileAtomically } = options;
    const range = parseCidr(cidr);
    if (range === undefined || range.prefix < 16 || range.prefix > 28)
      throw networkError(
        'INVALID_NETWORK_OPTION',
        `${cidr} is no range of addresses between /16 and /28; give one such as 10.64.0.0/16.`,
      );
    this.#path = path;
    this.#range = range;
    this.#subnet = { id: `local-${cidr}`, cidr, gateway: addressText(range.base + 1) };
    this.#groups = new Set(securityGroups);
    this.#limits = { interfaces: 15, addressesPerInterface: 50, networkMbps: 10_000, ...limits };
    this.#write = write;
    const { interfaces, addressesPerInterface, networkMbps } = this.#limits;
    const whole = [interfaces, addressesPerInterface].every((value) => Number.isInteger(value) && value >= 1);
    if (!whole || !(networkMbps > 0 && networkMbps < Infinity))
      throw networkError(
        'INVALID_NETWORK_OPTION',
        'The limits of the network need at least one interface, one address and a rate above 0 Mbps.',
      );
  }

  limits(): VpcLimits {
    return this.#limits;
  }

  async interfaces(signal: AbortSignal): Promise<readonly VpcInterface[]> {
    signal.throwIfAborted();
    return this.#current();
  }

  attach(index: number, securityGroups: readonly string[], signal: AbortSignal): Promise<VpcInterface> {
    return this.#change(signal, (state) => {
      this.#checkGroups(securityGroups);
      if (index < 1 || index > this.#limits.interfaces || state.some((one) => one.index === index))
        throw new Error(`Slot ${index} is taken, or there is none.`);
      const [primary] = this.#unused(state, 1);
      if (primary === undefined) throw new Error(`All addresses of ${this.#subnet.cidr} are in use.`);
      const added: VpcInterface = {
        id: `local-${index}`,
        index,
        macAddress: `02:53:54:57:00:${index.toString(16).padStart(2, '0')}`,
        subnet: this.#subnet,
        securityGroups: sortedGroups(securityGroups),
        addresses: [primary],
      };
      return { state: [...state, added], result: added };
    });
  }

  setSecurityGroups(id: string, securityGroups: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#change(signal, (state) => {
      this.#checkGroups(securityGroups);
      return { state: replaced(state, id, () => ({ securityGroups: sortedGroups(securityGroups) })) };
    });
  }

  assignAddresses(id: string, count: number, signal: AbortSignal): Promise<readonly string[]> {
    return this.#change(signal, (state) => {
      const added = this.#unused(state, count);
      const next = replaced(state, id, ({ addresses }) => {
        if (addresses.length + count > this.#limits.addressesPerInterface)
          throw new Error(`Interface ${id} cannot have ${count} more addresses.`);
        return { addresses: [...addresses, ...added] };
      });
      return { state: next, result: added };
    });
  }

  unassignAddresses(id: string, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#change(signal, (state) => ({
      state: replaced(state, id, (one) => ({
        addresses: one.addresses.filter(
          (address, position) => position === 0 || !addresses.includes(address),
        ),
      })),
    }));
  }

  #change<Result>(
    signal: AbortSignal,
    change: (state: readonly VpcInterface[]) => {
      readonly state: readonly VpcInterface[];
      readonly result?: Result;
    },
  ): Promise<Result> {
    const made = this.#last.then(async () => {
      signal.throwIfAborted();
      const { state, result } = change(await this.#current());
      await mkdir(dirname(this.#path), { recursive: true });
      await this.#write(this.#path, JSON.stringify({ version: 1, interfaces: state }));
      this.#state = Promise.resolve(state);
      return result as Result;
    });
    this.#last = made.catch(() => undefined);
    return made;
  }

  #current(): Promise<readonly VpcInterface[]> {
    this.#state ??= this.#load().catch((error: unknown) => {
      this.#state = undefined;
      throw error;
    });
    return this.#state;
  }

  async #load(): Promise<readonly VpcInterface[]> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const interfaces = parseState(text);
    if (interfaces?.every((one) => one.subnet.cidr === this.#subnet.cidr)) return interfaces;
    throw networkError(
      'LOCAL_VPC_DAMAGED',
      `${this.#path} is damaged or belongs to another range than ${this.#subnet.cidr}; end all tasks and remove it.`,
    );
  }

  #unused(state: readonly VpcInterface[], count: number): readonly string[] {
    const taken = new Set(state.flatMap(({ addresses }) => addresses));
    const size = 2 ** (32 - this.#range.prefix);
    const found: string[] = [];
    for (let host = RESERVED_ADDRESSES; host < size - 1 && found.length < count; host += 1) {
      const address = addressText(this.#range.base + host);
      if (!taken.has(address)) found.push(address);
    }
    return found;
  }

  #checkGroups(securityGroups: readonly string[]): void {
    const unknown = securityGroups.filter((group) => !this.#groups.has(group));
    if (unknown.length > 0)
      throw new InvalidContainerError(`There is no security group ${unknown.join(', ')}.`);
  }
}

function replaced(
  state: readonly VpcInterface[],
  id: string,
  change: (one: VpcInterface) => Partial<VpcInterface>,
): readonly VpcInterface[] {
  if (!state.some((one) => one.id === id)) throw new Error(`There is no interface ${id}.`);
  return state.map((one) => (one.id === id ? { ...one, ...change(one) } : one));
}

function parseState(text: string): readonly VpcInterface[] | undefined {
  try {
    const { version, interfaces } = JSON.parse(text) as { version: unknown; interfaces: VpcInterface[] };
    const valid =
      version === 1 &&
      interfaces.every(
        (one) =>
          typeof one.id === 'string' &&
          Number.isInteger(one.index) &&
          typeof one.subnet.cidr === 'string' &&
          Array.isArray(one.securityGroups) &&
          one.addresses.length > 0,
      );
    return valid ? interfaces : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
