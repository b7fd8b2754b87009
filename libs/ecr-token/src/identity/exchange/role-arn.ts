/** What names a role once it is assumed: the path of its ARN is not part of it. */
interface RoleName {
  readonly partition: string;
  readonly account: string;
  readonly name: string;
}

/** Whether a caller, by its ARN as GetCallerIdentity gives it, is a session of the role. */
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
