{{/* What the refresher's service account may write: "auto", "true" or "false". Values of an older version do not have it. */}}
{{- define "ecr-anywhere.refresherGuard.mode" -}}
{{- $mode := .Values.rbac.refresherGuard -}}
{{ kindIs "invalid" $mode | ternary "auto" (toString $mode) }}
{{- end }}

{{/* Whether the webhook guards the writes of the refresher's service account. */}}
{{- define "ecr-anywhere.refresherGuard.isOn" -}}
{{- if ne (include "ecr-anywhere.refresherGuard.mode" .) "false" }}true{{ end }}
{{- end }}

{{/* Whether this version of Kubernetes has ValidatingAdmissionPolicy in admissionregistration.k8s.io/v1. */}}
{{- define "ecr-anywhere.policy.isKnown" -}}
{{- if semverCompare ">=1.30-0" .Capabilities.KubeVersion.Version }}true{{ end }}
{{- end }}

{{/* Whether a ValidatingAdmissionPolicy guards them as well. */}}
{{- define "ecr-anywhere.policy.isCreated" -}}
{{- if and (include "ecr-anywhere.refresherGuard.isOn" .) (include "ecr-anywhere.policy.isKnown" .) }}true{{ end }}
{{- end }}
