/**
 * What moto 5.2.5 (`moto_server`) answered to the SDK's calls. Its keys and tokens are made up by moto; long ones
 * are shortened.
 */
export const MOTO = {
  GetAuthorizationToken: {
    contentType: 'application/x-amz-json-1.1',
    body: '{"authorizationData": [{"authorizationToken": "QVdTOjEyMzQ1Njc4OTAxMi1hdXRoLXRva2Vu", "expiresAt": 1420070400, "proxyEndpoint": "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]}',
  },
  GetCallerIdentity: {
    contentType: 'text/xml',
    body: '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><UserId>AKIAIOSFODNN7EXAMPLE</UserId><Account>123456789012</Account><Arn>arn:aws:sts::123456789012:user/moto</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>439W9nBLeCKT92fSBjdeA2BhWvy3C1MuZoro9aG8FzcgcxcWlUq2</RequestId></ResponseMetadata></GetCallerIdentityResponse>',
  },
  AssumeRole: {
    contentType: 'text/xml',
    body: '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2026-11-24T11:54:56.954697Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROA3X42LBCD8TH657ZXU:sess</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/puller/sess</Arn></AssumedRoleUser><PackedPolicySize>6</PackedPolicySize></AssumeRoleResult><ResponseMetadata><RequestId>uBA6uJQtY9KCPuxe9wF9B5NauTFvK2Z2YBBZk9DMAdoB5dN7DvAt</RequestId></ResponseMetadata></AssumeRoleResponse>',
  },
  AssumeRoleWithWebIdentity: {
    contentType: 'text/xml',
    body: '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2026-11-24T12:39:56.976526Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>ARO123EXAMPLE123:web</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/puller/web</Arn></AssumedRoleUser><PackedPolicySize>6</PackedPolicySize></AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>hvp1qHg6NU10irDfocHIBzvY3AMnjuLGD254MIhbeymS8z7RtWR3</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>',
  },
} as const;
