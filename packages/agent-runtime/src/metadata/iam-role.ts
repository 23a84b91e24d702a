/**
 * The parts of a role's ARN, `arn:<partition>:iam::<account>:role/<path/><name>`.
 */

export interface IamRole {
  readonly arn: string;
  readonly partition: string;
  /** 12 digits. */
  readonly accountId: string;
  /** Without the path. */
  readonly name: string;
}

const ROLE_ARN = /^arn:(aws(?:-[a-z]+)*):iam::(\d{12}):role\/(?:[\x21-\x7e]{1,511}\/)?([\w+=,.@-]{1,64})$/;

/** @returns undefined when it is not the ARN of a role */
export function parseRoleArn(arn: string): IamRole | undefined {
  const match = ROLE_ARN.exec(arn);
  if (match === null) return undefined;
  const [, partition, accountId, name] = match;
  return { arn, partition: partition, accountId: accountId, name: name };
}
