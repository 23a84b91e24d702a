/**
 * Which class the requirements have that are written in a given way: a trie over the lists of `RequirementTokens`. A
 * memory of what was found out before; it may be emptied at any time.
 */
import type { RequirementTokens } from './requirement-tokens.ts';

const NO_CLASS = -1;

export class ClassSpellings {
  #root = new Node();
  #size = 0;

  /** Ways of writing that are known. */
  get size(): number {
    return this.#size;
  }

  /** @returns -1 when they were not written so before. O(tokens) */
  classOf({ elements, length }: RequirementTokens): number {
    let node: Node | undefined = this.#root;
    for (let i = 0; i < length; i++) {
      node = node.child(elements[i]);
      if (node === undefined) return NO_CLASS;
    }
    return node.classId;
  }

  /** Notes the class of what was not known. O(tokens) */
  add({ elements, length }: RequirementTokens, classId: number): void {
    let node = this.#root;
    for (let i = 0; i < length; i++) node = node.child(elements[i]) ?? node.grow(elements[i]);
    node.classId = classId;
    this.#size++;
  }

  clear(): void {
    this.#root = new Node();
    this.#size = 0;
  }
}

/** Most nodes have one child, which needs no map. */
class Node {
  classId = NO_CLASS;
  #element: unknown;
  #first: Node | undefined;
  #others: Map<unknown, Node> | undefined;

  child(element: unknown): Node | undefined {
    return this.#element === element ? this.#first : this.#others?.get(element);
  }

  grow(element: unknown): Node {
    const node = new Node();
    if (this.#first === undefined) {
      this.#element = element;
      this.#first = node;
    } else {
      (this.#others ??= new Map<unknown, Node>()).set(element, node);
    }
    return node;
  }
}
