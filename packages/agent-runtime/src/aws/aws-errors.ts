/**
 * What can go wrong with AWS. Every answer of AWS that is an error becomes an `AwsCallError` that keeps AWS's own code,
 * and says whether the call may have been carried out all the same: only the caller knows whether repeating is safe.
 * Codes: "Error codes for the Amazon EC2 API" and "Common errors" of STS.
 */
import { AgentError } from '@stowage/protocol';

/**
 * Codes of the AWS side of the agent, each with the situation it reports.
 * @public
 */
export const AWS_ERRORS = {
  AWS_SDK_MISSING: 'A package of the AWS SDK is not installed.',
  AWS_CALL_FAILED: 'AWS refused a call, or did not answer after several tries.',
  AWS_BAD_ANSWER: 'An answer of AWS lacks a field that the agent needs.',
  AWS_NOT_VISIBLE: 'AWS accepted a change and did not show it in time.',
  AWS_SLOT_TAKEN: 'The slot for a new interface holds one with other security groups.',
  AWS_FOREIGN_INTERFACE: 'The instance has a further interface that is not the agent’s.',
  AWS_UNKNOWN_INSTANCE: 'AWS knows no such instance.',
  AWS_LIMITS_UNKNOWN: 'The network limits of the instance type are not known.',
  AWS_NO_IDENTITY: 'The instance metadata service does not tell who this host is.',
  AWS_LINK_MISSING: 'The host shows no link with the MAC address of an attached interface.',
} as const;

/** @public */
export type AwsErrorCode = keyof typeof AWS_ERRORS;

/**
 * - `refused`: answered, not carried out, and repeating is no use.
 * - `throttled`: answered, not carried out, repeat later.
 * - `unclear`: no answer, or an internal error: it may have been carried out.
 */
export type AwsFailureKind = 'refused' | 'throttled' | 'unclear';

/**
 * A call to AWS that failed for good. Its `code` is `AWS_CALL_FAILED`.
 * @public
 */
export class AwsCallError extends AgentError {
  /** As `AttachNetworkInterface`. */
  readonly action: string;
  /** AWS's own code, as `AttachmentLimitExceeded`; for a broken connection the name of the system's error. */
  readonly awsCode: string;
  /** Of the last try. */
  readonly kind: AwsFailureKind;
  /** At least one try may have been carried out although this error was the end. */
  readonly mayBeDone: boolean;
  readonly tries: number;

  constructor(action: string, cause: unknown, kind: AwsFailureKind, mayBeDone: boolean, tries: number) {
    const awsCode = codeOf(cause);
    const remedy =
      kind === 'refused'
        ? 'See AWS’s list of error codes.'
        : `Gave up after ${tries} tries; it can be tried again later.`;
    super('AWS_CALL_FAILED', `${action} failed with ${awsCode} (${textOf(cause)}). ${remedy}`, cause);
    this.name = 'AwsCallError';
    this.action = action;
    this.awsCode = awsCode;
    this.kind = kind;
    this.mayBeDone = mayBeDone;
    this.tries = tries;
  }
}

/** What the instance or the subnet cannot hold: another host may, or this one later. */
const USED_UP = new Set([
  'AttachmentLimitExceeded',
  'InsufficientFreeAddressesInSubnet',
  'NetworkInterfaceLimitExceeded',
  'PrivateIpAddressLimitExceeded',
]);

/** Whether AWS refused a call because a limit of the instance or the subnet is reached. */
export function isUsedUp(error: unknown): error is AwsCallError {
  return error instanceof AwsCallError && USED_UP.has(error.awsCode);
}

const THROTTLED = new Set([
  'EC2ThrottledException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  // The SDK corrects its clock by the answer, so that the next try is signed with the right time.
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
]);

const UNCLEAR = new Set([
  'InternalError',
  'InternalFailure',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'Unavailable',
  'IDPCommunicationError',
]);

/** Fields of the errors of the SDK and of Node that tell what happened. */
interface ErrorFields {
  readonly name?: string;
  readonly Code?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $fault?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function fieldsOf(error: unknown): ErrorFields {
  return typeof error === 'object' && error !== null ? error : {};
}

/** Says what an error of the SDK means for repeating the call. */
export function failureKind(error: unknown): AwsFailureKind {
  const { $fault, $metadata, name } = fieldsOf(error);
  const code = codeOf(error);
  if (THROTTLED.has(code)) return 'throttled';
  if (UNCLEAR.has(code)) return 'unclear';
  const status = $metadata?.httpStatusCode;
  if (status === 429) return 'throttled';
  if (status !== undefined && status >= 500) return 'unclear';
  // An answer that cannot be read has a status but no fault.
  if ($fault === 'client') return 'refused';
  // Nothing was sent without credentials or a region; the SDK reports both by these names.
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return 'throttled';
  return 'unclear';
}

function codeOf(error: unknown): string {
  const { Code, code, name, $fault } = fieldsOf(error);
  if ($fault !== undefined) return Code ?? name ?? 'unknown';
  return code ?? name ?? 'unknown';
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
