/**
 * Which class the requirements have that are written in a given way: a trie over the lists of `RequirementTokens`. A
 * memory of what was found out before; it may be emptied at any time.
 */
import type { RequirementTokens } from './requirement-tokens.ts';

const NO_CLASS = -1;

export class ClassSpellings {
  #root = new Node();
  #nodeCount = 0;

  /** Nodes of the trie besides its root: what its memory grows with, whatever the lists are like. */
  get nodeCount(): number {
    return this.#nodeCount;
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
    for (let i = 0; i < length; i++) node = node.child(elements[i]) ?? this.#grow(node, elements[i]);
    node.classId = classId;
  }

  clear(): void {
    this.#root = new Node();
    this.#nodeCount = 0;
  }

  #grow(node: Node, element: unknown): Node {
    this.#nodeCount++;
    return node.grow(element);
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
