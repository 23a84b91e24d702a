/** The assertions of the agent's conformance suite. */

/** A promise of the contract that an agent has broken. @public */
export class RuntimeConformanceError extends Error {
  override readonly name = 'RuntimeConformanceError';
}

/** @throws RuntimeConformanceError when `holds` is false */
export function demand(holds: boolean, message: string): asserts holds {
  if (!holds) throw new RuntimeConformanceError(message);
}

export function demandEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  demand(found === wanted, `${what} should be ${wanted}, and is ${found}`);
}

/** @throws RuntimeConformanceError unless `promise` rejects with an error of this code */
export async function demandCode(promise: Promise<unknown>, code: string): Promise<void> {
  const outcome = await promise.then(
    () => 'nothing',
    (error: unknown) => (error as { code?: string } | undefined)?.code ?? String(error),
  );
  demand(outcome === code, `the code ${code} should be thrown, not ${outcome}`);
}
