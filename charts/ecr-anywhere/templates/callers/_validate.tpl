{{/* What does not fit together in the values for callers, as a YAML list of sentences. */}}
{{- define "ecr-anywhere.callers.mistakes" -}}
{{- $mistakes := list }}
{{- $plan := include "ecr-anywhere.callers.plan" . | fromYaml }}
{{- $callers := .Values.callers | default dict }}
{{- if not (or $callers.mode (include "ecr-anywhere.callers.seesCluster" .)) }}
{{- $mistakes = append $mistakes "callers.mode is missing: Helm sees no cluster here, so it cannot choose how the webhook recognizes the API server. Set it to aggregated, to clientCertificate, to path together with callers.path.key, or to none. The mode none gives credentials to everybody who can connect to the webhook (docs/gitops.md)" }}
{{- end }}
{{- if has "path" $plan.accepts }}
{{- if not (or ($callers.path).key (include "ecr-anywhere.callers.seesCluster" .)) }}
{{- $mistakes = append $mistakes "callers.path.key is missing: Helm sees no cluster here, so each rendering would make another key; set callers.path.key to 32 to 128 random digits and lower-case letters, or callers.mode to another mode (docs/gitops.md)" }}
{{- end }}
{{- if and ($callers.path).key ($callers.path).rotation }}
{{- $mistakes = append $mistakes "callers.path.rotation is for keys that Helm makes: drop it, or callers.path.key" }}
{{- end }}
{{- end }}
{{- if and (has "clientCertificate" $plan.accepts) (has "aggregated" $plan.accepts) }}
{{- $mistakes = append $mistakes "callers: the webhook cannot accept clientCertificate and aggregated together, not even during a change from one to the other: set callers.mode to path first" }}
{{- end }}
{{- $certificate := $callers.clientCertificate | default dict }}
{{- if and $certificate.existingConfigMap (or $certificate.ca $certificate.names) }}
{{- $mistakes = append $mistakes "callers.clientCertificate: existingConfigMap takes the place of ca and names: drop it or them" }}
{{- end }}
{{- if and (has "clientCertificate" $plan.accepts) (not (or $certificate.existingConfigMap (and $certificate.ca $certificate.names))) }}
{{- $mistakes = append $mistakes "callers.clientCertificate needs ca and names, or existingConfigMap: without them, the webhook cannot recognize the API server. While an upgrade leaves this mode, the pods still need them" }}
{{- end }}
{{- toYaml $mistakes }}
{{- end }}
