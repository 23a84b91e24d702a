/**
 * Strings to small integers and back. Id 0 is reserved for "absent", ids are never reused, so a column of ids
 * can be compared without looking at the strings.
 */
export class Interner {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [''];

  /** Number of ids in use, with the reserved 0. */
  get size(): number {
    return this.#texts.length;
  }

  /** The id of a text, which is added when it is new. */
  intern(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.length;
    this.#ids.set(text, id);
    this.#texts.push(text);
    return id;
  }

  /** The id of a text, 0 when it was never seen. */
  idOf(text: string): number {
    return this.#ids.get(text) ?? 0;
  }

  /** The text of an id; undefined for 0. */
  textOf(id: number): string | undefined {
    return id === 0 ? undefined : this.#texts[id];
  }
}
