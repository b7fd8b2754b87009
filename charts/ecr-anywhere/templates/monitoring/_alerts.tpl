{{/* The words in angle brackets in files/alerts.yaml, and their values, as YAML. All values are text: large numbers would become 1.2e+06. */}}
{{- define "ecr-anywhere.alerts.words" -}}
{{- $durations := include "ecr-anywhere.tokenDurations" . | fromYaml }}
{{- $bridge := add $durations.threshold $durations.margin }}
{{- /* A token lives for twelve hours, and is renewed by half of them at the latest (libs/ecr-token/src/token/policy.ts). */}}
{{- $renewal := sub 43200 (min $durations.reuse 21600) }}
{{- /* cert-manager should have renewed a certificate long before half of renewBefore is left. */}}
{{- $certificate := eq (include "ecr-anywhere.tls.mode" .) "certManager" | ternary .Values.tls.renewBefore "672h" }}
{{- $certificateSeconds := div (include "ecr-anywhere.seconds" $certificate | int) 2 }}
{{- with .Values.monitoring.prometheusRule.certificateLifeLeft }}
{{- $certificateSeconds = include "ecr-anywhere.seconds" . | int }}
{{- end }}
{{- /* A Secret that lives a bit longer than the threshold waits for the next run, and for its turn in this run. */}}
{{- $gaps := include "ecr-anywhere.cron.gaps" (dict "cron" (include "ecr-anywhere.cron" . | fromJson) "timeZone" .Values.cronjob.timeZone) | fromJson }}
{{- $betweenRuns := add $gaps.longest (include "ecr-anywhere.cronjob.deadline" . | int) }}
{{- $leastLife := sub $durations.threshold $betweenRuns }}
namespace: {{ include "ecr-anywhere.namespace" . | quote }}
name: {{ .Values.name | quote }}
service: {{ include "ecr-anywhere.webhook.serviceName" . | quote }}
tlsSecret: {{ include "ecr-anywhere.tls.secretName" . | quote }}
report: {{ include "ecr-anywhere.report.name" . | quote }}
apiService: {{ include "ecr-anywhere.callers.apiService" . | quote }}
credentialsSeconds: {{ max 300 (div $leastLife 2) | quote }}
{{- /* The alert waits for half an hour (files/alerts.yaml), and so fires a quarter of an hour before credentials can end. */}}
overdueSeconds: {{ sub $durations.threshold 2700 | quote }}
thresholdSeconds: {{ $durations.threshold | int | quote }}
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
{{- $disabled := $rule.disabled | default list }}
{{- if .Values.cronjob.suspend }}
{{- $disabled = append $disabled "EcrAnywhereRefresherSuspended" }}
{{- end }}
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
