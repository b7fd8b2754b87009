{{/*
What a pod needs to ask the API server: the volume that Kubernetes would mount by itself, but with a token that ends within half
an hour. By default, the API server lets the token that Kubernetes mounts by itself live for a year
(--service-account-extend-token-expiration). kubelet replaces the token in the file in time, and the programs read it for each
request.
*/}}

{{- define "ecr-anywhere.serviceAccountToken.volume" -}}
- name: kube-api-access
  projected:
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 1800
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
      - downwardAPI:
          items:
            - path: namespace
              fieldRef:
                apiVersion: v1
                fieldPath: metadata.namespace
{{- end }}

{{- define "ecr-anywhere.serviceAccountToken.volumeMount" -}}
- name: kube-api-access
  mountPath: /var/run/secrets/kubernetes.io/serviceaccount
  readOnly: true
{{- end }}
