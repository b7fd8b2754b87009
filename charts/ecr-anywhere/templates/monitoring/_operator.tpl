{{/* Fails in one sentence where the kinds of the Prometheus Operator are missing. Only a real cluster lists kinds. */}}
{{- define "ecr-anywhere.needsOperator" -}}
{{- if and (.root.Capabilities.APIVersions.Has "v1/Secret") (not (.root.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) }}
{{- fail (printf "\n\nThe Prometheus Operator is not installed on this cluster: install it (https://prometheus-operator.dev), or set %s to false\n" .value) }}
{{- end }}
{{- end }}
