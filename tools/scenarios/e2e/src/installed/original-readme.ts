// The commands of the original product's README, unchanged except for indentation. Our README has other ones, which begin
// with a role. But whoever has the original's commands in a script can still use them (docs/upgrading.md).

export const VALUES = `pod:
  container:
    env:
      # How you authenticate to AWS is up to you, see AWS CLI documentation for more options
      - name: AWS_ACCESS_KEY_ID
        value: "EXAMPLE"
      - name: AWS_SECRET_ACCESS_KEY
        value: "EXAMPLE"
      # Recommended that you assume a role with the policy above
      - name: AWS_ROLE_ARN
        value: "ARN of role with ECR permissions"
      # Important, this must match the region in the image name(s)
      - name: AWS_REGION
        value: "us-east-1"
`;

export const COMMANDS = `helm repo add ecr-anywhere https://centml.github.io/ecr-anywhere
helm repo update
helm install ecr-anywhere ecr-anywhere/ecr-anywhere -f values.yaml
`;

export const MANIFESTS = `apiVersion: v1
kind: Namespace
metadata:
  name: test
  labels:
    ecr-anywhere.centml.ai/namespace: "enabled"
---
apiVersion: v1
kind: Secret
metadata:
  name: ecr-secret
  namespace: test
  labels:
    ecr-anywhere.centml.ai/managed: "true"
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: "FAKE"
---
apiVersion: v1
kind: Pod
metadata:
  name: test-pod
  namespace: test
  labels:
    app: test
spec:
  containers:
    - name: test-container
      image: 544849402588.dkr.ecr.us-east-1.amazonaws.com/test:923442bcd004d94c1f7447e1ae14f36d39d77b0e
  imagePullSecrets:
    - name: ecr-secret
`;
