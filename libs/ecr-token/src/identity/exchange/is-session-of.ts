/** What the ARN of a session says about its role. The path of the role is not in it. */
interface RoleName {
  readonly partition: string;
  readonly account: string;
  readonly name: string;
}

/** Whether a caller is a session of the role. @param callerArn - as GetCallerIdentity gives it */
export function isSessionOf(callerArn: string, roleArn: string): boolean {
  const caller = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/.exec(callerArn);
  const role = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn);
  if (caller === null || role === null) return false;
  const [a, b] = [nameOf(caller), nameOf(role)];
  return a.partition === b.partition && a.account === b.account && a.name === b.name;
}

function nameOf([, partition = '', account = '', name = '']: RegExpExecArray): RoleName {
  return { partition, account, name };
}
