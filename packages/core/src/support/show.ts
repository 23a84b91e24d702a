/**
 * Values in error messages. Total: whatever a caller or a plug-in hands over, describing it must not throw.
 */

/**
 * A value in words, at most about 80 characters.
 * @public
 */
export function show(value: unknown): string {
  let text: string;
  try {
    text = typeof value === 'object' && value !== null ? String(JSON.stringify(value)) : primitive(value);
  } catch {
    text = `an ${typeof value} that cannot be shown`;
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** What a caught exception says. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : show(error);
  } catch {
    return show(undefined);
  }
}

function primitive(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : typeof value === 'function'
      ? `function ${value.name}`
      : String(value);
}
