/**
 * Bold, dim and colour for terminals. Off unless a person looks at the stream and has not set NO_COLOR
 * (https://no-color.org: any value but the empty one counts).
 */
import type { CliContext, CliStream } from './context.ts';

export interface TextStyle {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

export function textStyle(stream: CliStream, env: CliContext['env']): TextStyle {
  const coloured = stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  const style =
    (on: number, off: number) =>
    (text: string): string =>
      coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), good: style(32, 39), bad: style(31, 39) };
}
