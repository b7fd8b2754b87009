{{/* Whether cert-manager is to make a CA of the chart's own. */}}
{{- define "ecr-anywhere.tls.hasOwnCa" -}}
{{- if and (eq (include "ecr-anywhere.tls.mode" .) "certManager") (not .Values.tls.issuerRef) }}true{{ end }}
{{- end }}

{{/*
A duration as cert-manager writes it, such as 2160h0m0s. cert-manager puts an object's durations into this form when it
updates the object, and then a GitOps tool would find 2160h0m0s different from 2160h.
*/}}
{{- define "ecr-anywhere.tls.duration" -}}
{{ include "ecr-anywhere.seconds" . | duration }}
{{- end }}
