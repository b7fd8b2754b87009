{{/* A duration of the values, such as 6h30m, in seconds. */}}
{{- define "ecr-anywhere.seconds" -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 }}
{{- $seconds := 0.0 }}
{{- range regexFindAll "[0-9.]+(ms|[hms])" . -1 }}
{{- $seconds = addf $seconds (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) }}
{{- end }}
{{- $seconds | int64 }}
{{- end }}

{{/* What stands in angle brackets in files/alerts.yaml, as YAML. All of it is text: large numbers would become 1.2e+06. */}}
{{- define "ecr-anywhere.alerts.words" -}}
{{- $settings := dict }}
{{- range include "ecr-anywhere.webhook.env" . | fromYamlArray }}
{{- $_ := set $settings .name .value }}
{{- end }}
{{- /* Unknown where it comes from another object. */}}
{{- $reuse := include "ecr-anywhere.seconds" ($settings.TOKEN_REUSE | default .Values.webhook.tokenReuse) | int }}
{{- $threshold := include "ecr-anywhere.seconds" ($settings.REFRESH_THRESHOLD | default .Values.refresh.threshold) | int }}
{{- $bridge := include "ecr-anywhere.seconds" ($settings.REFRESH_MARGIN | default .Values.refresh.margin) | int | add $threshold }}
{{- /* A token lives for twelve hours, and is renewed by half of them at the latest (libs/ecr-token/src/token-policy.ts). */}}
{{- $renewal := sub 43200 (min $reuse 21600) }}
{{- /* What cert-manager makes should have been renewed long before. */}}
{{- $certificate := eq (include "ecr-anywhere.tls.mode" .) "certManager" | ternary .Values.tls.renewBefore "672h" }}
{{- $certificateSeconds := div (include "ecr-anywhere.seconds" $certificate | int) 2 }}
{{- with .Values.monitoring.prometheusRule.certificateLifeLeft }}
{{- $certificateSeconds = include "ecr-anywhere.seconds" . | int }}
{{- end }}
namespace: {{ include "ecr-anywhere.namespace" . | quote }}
name: {{ .Values.name | quote }}
service: {{ include "ecr-anywhere.serviceName" . | quote }}
tlsSecret: {{ include "ecr-anywhere.tls.secretName" . | quote }}
thresholdSeconds: {{ $threshold | quote }}
bridgeSeconds: {{ $bridge | quote }}
tokenSeconds: {{ div (add $renewal $bridge) 2 | quote }}
certificateSeconds: {{ $certificateSeconds | quote }}
certificateCriticalSeconds: {{ div $certificateSeconds 8 | quote }}
{{- end }}

{{/* The groups of files/alerts.yaml for this installation. */}}
{{- define "ecr-anywhere.alerts" -}}
{{- $rule := .Values.monitoring.prometheusRule }}
{{- $text := .Files.Get "files/alerts.yaml" }}
{{- range $word, $value := include "ecr-anywhere.alerts.words" . | fromYaml }}
{{- $text = replace (printf "<%s>" $word) $value $text }}
{{- end }}
{{- $disabled := .Values.cronjob.suspend | ternary (append $rule.disabled "EcrAnywhereRefresherSuspended") $rule.disabled }}
{{- $manual := $rule.runbookUrl | default (printf "%s/blob/v%s/docs/operations.md" .Chart.Home .Chart.AppVersion) }}
{{- range (fromYaml $text).groups }}
- name: {{ .name }}
  rules:
    {{- range .rules }}
    {{- if not (has .alert $disabled) }}
    {{- $_ := set .labels "installation" $.Values.name }}
    {{- $_ := set .annotations "runbook_url" (printf "%s#%s" $manual (lower .alert)) }}
    - {{ toYaml . | nindent 6 | trim }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}
