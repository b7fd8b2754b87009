{{/* The refresher's right to Secrets. It lists the Secrets of each name with a field selector, so the names limit "list", too. */}}
{{- define "ecr-anywhere.refresher.secretsRule" -}}
- apiGroups: [""]
  resources: [secrets]
  {{- with .Values.rbac.secretNames }}
  resourceNames:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  verbs: [list, patch]
{{- end }}
