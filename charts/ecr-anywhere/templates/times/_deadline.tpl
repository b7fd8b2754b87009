{{/*
How long a Job of the refresher may run, in seconds: cronjob.activeDeadlineSeconds. If that is not given: half an hour, or a
minute less than the shortest time between two starts, but not less than a minute.
*/}}
{{- define "ecr-anywhere.cronjob.deadline" -}}
{{- $gaps := include "ecr-anywhere.cron.gaps" (dict "cron" (include "ecr-anywhere.cron" . | fromJson)) | fromJson }}
{{- .Values.cronjob.activeDeadlineSeconds | default (sub $gaps.shortest 60 | min 1800 | max 60) | int }}
{{- end }}
