/** The account of the documentation. */
export const ACCOUNT = '111122223333';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/ecr-pull`;
/** What a session of the role is called, without its last part. */
export const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/ecr-pull`;
