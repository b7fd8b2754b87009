/** Lets the API server show webhooks the client certificates that a kubeconfig has for their host names. */
export function admissionConfiguration(kubeConfigFile: string) {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'MutatingAdmissionWebhook',
        configuration: {
          apiVersion: 'apiserver.config.k8s.io/v1',
          kind: 'WebhookAdmissionConfiguration',
          kubeConfigFile,
        },
      },
    ],
  };
}
