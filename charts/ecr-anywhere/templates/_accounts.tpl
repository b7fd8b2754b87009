{{/* Whether the chart creates roles, and service accounts. It does unless the values say otherwise, or do not know it (--reuse-values). */}}
{{- define "ecr-anywhere.rbac.isCreated" -}}
{{- if ne (toString .Values.rbac.create) "false" }}true{{ end }}
{{- end }}
{{- define "ecr-anywhere.serviceAccount.isCreated" -}}
{{- if ne (toString (.Values.serviceAccount).create) "false" }}true{{ end }}
{{- end }}

{{/* The webhook's service account. */}}
{{- define "ecr-anywhere.webhook.serviceAccountName" -}}
{{ .Values.serviceAccountName | default .Values.name }}
{{- end }}

{{- define "ecr-anywhere.refresher.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).refresher | default (printf "%s-refresher" (include "ecr-anywhere.webhook.serviceAccountName" .)) }}
{{- end }}

{{/* The user name of the refresher's service account, as the API server knows it. */}}
{{- define "ecr-anywhere.refresher.user" -}}
system:serviceaccount:{{ include "ecr-anywhere.namespace" . }}:{{ include "ecr-anywhere.refresher.serviceAccountName" . }}
{{- end }}

{{/* Of the Job that checks the names of Secrets before an installation or an upgrade. */}}
{{- define "ecr-anywhere.namesCheck.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).namesCheck | default (printf "%s-check-names" .Values.name) }}
{{- end }}

{{/* Of the pod of `helm test`. */}}
{{- define "ecr-anywhere.check.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).check | default (printf "%s-check" .Values.name) }}
{{- end }}

{{/* Of the Job at the end of `helm uninstall`. */}}
{{- define "ecr-anywhere.cleanup.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).cleanup | default (printf "%s-cleanup" .Values.name) }}
{{- end }}

{{/*
What is wrong with the service accounts, as a YAML list of sentences. Helm creates those of hooks under their names and deletes
them afterwards, whoever made what it finds there before. It looks at the cluster only if the values name such an account.
*/}}
{{- define "ecr-anywhere.accounts.mistakes" -}}
{{- $mistakes := list }}
{{- $isCreated := include "ecr-anywhere.serviceAccount.isCreated" . }}
{{- $refresher := include "ecr-anywhere.refresher.serviceAccountName" . }}
{{- $accounts := list (include "ecr-anywhere.webhook.serviceAccountName" .) $refresher (include "ecr-anywhere.check.serviceAccountName" .) (include "ecr-anywhere.namesCheck.serviceAccountName" .) (include "ecr-anywhere.cleanup.serviceAccountName" .) }}
{{- if and $isCreated (ne (len $accounts) (len (uniq $accounts))) }}
{{- $mistakes = append $mistakes (printf "the service accounts %s need different names: see serviceAccountName and serviceAccount.names" (join ", " $accounts)) }}
{{- end }}
{{- if eq $refresher "default" }}
{{- $mistakes = append $mistakes "serviceAccount.names.refresher: default is the account of every pod that names none, so all of them would get the refresher's rights, and nobody could change a Secret with it: set another name" }}
{{- else if and $isCreated (has "default" $accounts) }}
{{- $mistakes = append $mistakes "a service account cannot have the name default, which Kubernetes itself creates in each namespace: see serviceAccountName and serviceAccount.names" }}
{{- end }}
{{- if $isCreated }}
{{- range $key := list "check" "namesCheck" "cleanup" }}
{{- with get (($.Values.serviceAccount).names | default dict) $key }}
{{- $found := lookup "v1" "ServiceAccount" (include "ecr-anywhere.namespace" $) . | default dict }}
{{- if and $found (not (hasKey (dig "metadata" "annotations" dict $found) "helm.sh/hook")) }}
{{- $mistakes = append $mistakes (printf "serviceAccount.names.%s: the account %s exists already, and Helm would delete it: set a name that no account has, or serviceAccount.create to false" $key .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $mistakes }}
{{- end }}
