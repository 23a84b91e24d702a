/** The end of what a command has written, however much that was: for an error that people read. */
const MAX_BYTES = 4 * 1024;

export class OutputTail {
  #bytes: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-MAX_BYTES);
  }

  /** At most 4 KiB, without white space around it. */
  get text(): string {
    return this.#bytes.toString().trim();
  }
}
