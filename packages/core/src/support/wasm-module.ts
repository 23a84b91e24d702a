/**
 * A compiled WebAssembly module that comes as text, and a way to make instances of it. Where there is no WebAssembly, or a
 * content security policy forbids it, there is none, and engines do without.
 */

/** What is exported of a number. */
export interface Address {
  readonly value: number;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of the WebAssembly interface, and of its surroundings, that is used here. */
interface Surroundings {
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  };
  readonly atob: (text: string) => string;
}

const { WebAssembly, atob } = globalThis as unknown as Surroundings;

export const PAGE_BYTES = 65536;
/** What addresses of 32 bits reach. */
const MOST_PAGES = 65536;

/**
 * A memory of a fixed size, to be imported by an instance. A memory that grew would detach its old buffer, and once any
 * buffer of a process was detached, V8 compiles every access to a typed array with a check for that, a third slower.
 * @throws RangeError when there is not so much memory
 */
export function wasmMemory(bytes: number): WasmMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (pages > MOST_PAGES) throw new RangeError(`no memory has ${bytes} bytes`);
  return new WebAssembly!.Memory({ initial: pages, maximum: pages });
}

/** As `wasmMemory`; undefined when there is not so much memory. */
export function memoryIfRoom(bytes: number): WasmMemory | undefined {
  try {
    return wasmMemory(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export class WasmModule {
  readonly #base64: string;
  /** Null once it is known that there is none. */
  #compiled: object | null | undefined;

  /** @param base64 - its bytes; they are compiled when it is first needed */
  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** Whether this place can run the module. */
  get isPossible(): boolean {
    return this.#compiledOnce() !== null;
  }

  /** What a new instance exports. The module must be possible here. */
  instance(imports: object): unknown {
    return new WebAssembly!.Instance(this.#compiledOnce()!, imports).exports;
  }

  #compiledOnce(): object | null {
    if (this.#compiled === undefined) {
      try {
        this.#compiled = new WebAssembly!.Module(
          Uint8Array.from(atob(this.#base64), (byte) => byte.charCodeAt(0)),
        );
      } catch {
        this.#compiled = null;
      }
    }
    return this.#compiled;
  }
}
