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
{{- $hook := dict
  "helm.sh/hook" "post-delete"
  "helm.sh/hook-weight" (toString .weight)
  "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded,hook-failed"
  "helm.sh/hook-output-log-policy" "hook-failed"
}}
{{- $name := .name | default (printf "%s-cleanup" .root.Values.name) }}
{{- include "ecr-anywhere.metadata" (dict "root" .root "component" "cleanup" "name" $name "annotations" $hook) }}
{{- end }}
