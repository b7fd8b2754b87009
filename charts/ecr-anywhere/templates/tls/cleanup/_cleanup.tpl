{{/* The Secrets that cert-manager leaves behind, as YAML; none where there is nothing to clean up. */}}
{{- define "ecr-anywhere.cleanup.secrets" -}}
{{- if and .Values.tls.deleteSecrets (eq (include "ecr-anywhere.tls.mode" .) "certManager") -}}
- {{ include "ecr-anywhere.tls.secretName" . | quote }}
{{- if include "ecr-anywhere.tls.hasOwnCa" . }}
- {{ include "ecr-anywhere.tls.caName" . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The metadata of all that exists only at the end of `helm uninstall`, called with a dict of "root", "weight" and perhaps "name". */}}
{{- define "ecr-anywhere.cleanup.metadata" -}}
name: {{ .name | default (printf "%s-cleanup" .root.Values.name) | quote }}
namespace: {{ include "ecr-anywhere.namespace" .root | quote }}
labels:
  {{- include "ecr-anywhere.labels" (dict "root" .root "component" "cleanup") | nindent 2 }}
{{- $hook := dict
  "helm.sh/hook" "post-delete"
  "helm.sh/hook-weight" (toString .weight)
  "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded,hook-failed"
  "helm.sh/hook-output-log-policy" "hook-failed"
}}
annotations:
  {{- toYaml (merge $hook (.root.Values.commonAnnotations | default dict)) | nindent 2 }}
{{- end }}
