/** What the parts of the EC2 driver share. */
import type { AwsCaller, AwsCallOptions } from './aws-caller.ts';
import type { Ec2Api } from './ec2-api.ts';

export class Ec2Context {
  readonly ec2: Ec2Api;
  readonly caller: AwsCaller;
  readonly instanceId: string;

  constructor(ec2: Ec2Api, caller: AwsCaller, instanceId: string) {
    this.ec2 = ec2;
    this.caller = caller;
    this.instanceId = instanceId;
  }

  /** A call of which twice is the same as once. */
  repeatable<T>(
    action: string,
    signal: AbortSignal,
    send: (ec2: Ec2Api, options: AwsCallOptions) => Promise<T>,
  ): Promise<T> {
    return this.caller.call(action, true, (options) => send(this.ec2, options), signal);
  }

  /** A call that is not repeated once it may have been carried out. */
  once<T>(
    action: string,
    signal: AbortSignal,
    send: (ec2: Ec2Api, options: AwsCallOptions) => Promise<T>,
  ): Promise<T> {
    return this.caller.call(action, false, (options) => send(this.ec2, options), signal);
  }
}
