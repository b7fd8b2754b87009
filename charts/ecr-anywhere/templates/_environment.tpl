{{/*
The environment of the two programs. Users give it in values of their own (aws.region) and in lists, as the original did.
Helpers here answer with YAML that callers read with fromYamlArray.
*/}}

{{/*
Joins lists of variables: of those with the same name the last one stays, where it stands. So the users' come after the
chart's, in the users' order, and $(NAME) in a value is what it says.
*/}}
{{- define "ecr-anywhere.joinEnv" -}}
{{- $all := list }}
{{- range . }}
{{- $all = concat $all (. | default list) }}
{{- end }}
{{- $names := list }}
{{- $joined := list }}
{{- range reverse $all }}
{{- if not (has .name $names) }}
{{- $names = append $names .name }}
{{- $joined = prepend $joined . }}
{{- end }}
{{- end }}
{{- toYaml $joined }}
{{- end }}

{{/* The names that a value refers to as $(NAME); $$ stands for a dollar. */}}
{{- define "ecr-anywhere.references" -}}
{{- $names := list }}
{{- range regexFindAll "\\$\\([^)]+\\)" (replace "$$" "" (. | default "")) -1 }}
{{- $names = append $names (trimAll "$()" .) }}
{{- end }}
{{- toYaml $names }}
{{- end }}

{{/* What the user's lists say for the webhook. The original's default for an empty list is an empty map. */}}
{{- define "ecr-anywhere.givenEnv" -}}
{{- include "ecr-anywhere.joinEnv" (list
  .Values.pod.container.env
  .Values.deployment.pod.container.env
  .Values.webhook.extraEnv) }}
{{- end }}

{{/* AWS's names for keys, which never stand in a pod's environment. */}}
{{- define "ecr-anywhere.keyNames" -}}
["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
{{- end }}

{{/* The keys among what the user's lists say; empty ones do not count. */}}
{{- define "ecr-anywhere.givenKeys" -}}
{{- $names := include "ecr-anywhere.keyNames" . | fromYamlArray }}
{{- $keys := list }}
{{- range include "ecr-anywhere.givenEnv" . | fromYamlArray }}
{{- if and (has .name $names) (or .value .valueFrom) }}
{{- $keys = append $keys . }}
{{- end }}
{{- end }}
{{- toYaml $keys }}
{{- end }}

{{/* What the chart sets by itself, since other objects depend on it. */}}
{{- define "ecr-anywhere.webhook.fixedEnv" -}}
- name: PORT
  value: {{ include "ecr-anywhere.webhook.httpsPort" . | quote }}
- name: PROBE_PORT
  value: {{ include "ecr-anywhere.webhook.metricsPort" . | quote }}
- name: WEBHOOK_PATH
  value: /sync
- name: CERT_FILE
  value: /etc/webhook/certs/tls.crt
- name: KEY_FILE
  value: /etc/webhook/certs/tls.key
- name: REPORT_FILE
  value: /etc/ecr-anywhere/report/report.json
{{- with .Values.rbac.secretNames }}
- name: SECRET_NAMES
  value: {{ join "," . | quote }}
{{- end }}
{{- if include "ecr-anywhere.refresherGuard.isOn" . }}
- name: REFRESHER_USER
  value: {{ include "ecr-anywhere.refresher.user" . | quote }}
{{- end }}
- name: PEER_URL
  value: https://{{ include "ecr-anywhere.webhook.peersName" . }}.{{ include "ecr-anywhere.namespace" . }}.svc:{{ include "ecr-anywhere.webhook.httpsPort" . }}
- name: PEER_SERVER_NAME
  value: {{ include "ecr-anywhere.webhook.serviceName" . }}.{{ include "ecr-anywhere.namespace" . }}.svc
- name: SHUTDOWN_DELAY
  value: {{ .Values.webhook.shutdown.delaySeconds }}s
- name: SHUTDOWN_TIMEOUT
  value: {{ .Values.webhook.shutdown.timeoutSeconds }}s
{{- if .Values.profiles }}
- name: PROFILES_FILE
  value: /etc/ecr-anywhere/profiles/profiles.yaml
{{- end }}
{{ include "ecr-anywhere.callers.env" . }}
{{- if include "ecr-anywhere.aws.keySources" . }}
- name: ECR_TOKEN_KEYS_DIR
  value: /etc/ecr-anywhere/aws
{{- end }}
{{- if .Values.aws.webIdentity.enabled }}
- name: AWS_WEB_IDENTITY_TOKEN_FILE
  value: /var/run/secrets/ecr-anywhere/web-identity/token
{{- end }}
{{- end }}

{{/* All of the webhook's environment. */}}
{{- define "ecr-anywhere.webhook.env" -}}
{{- $settings := list
  (dict "name" "TOKEN_REUSE" "value" .Values.webhook.tokenReuse)
  (dict "name" "AWS_TIMEOUT" "value" .Values.webhook.awsTimeout)
  (dict "name" "DOCKER_CONFIG_FIELDS" "value" (.Values.webhook.dockerConfigFields | default "auth"))
  (dict "name" "LOG_LEVEL" "value" .Values.webhook.logLevel)
  (dict "name" "AWS_EC2_METADATA_DISABLED" "value" (eq (include "ecr-anywhere.aws.instanceMetadata" .) "true" | not | toString))
  (dict "name" "REFRESH_THRESHOLD" "value" .Values.refresh.threshold)
  (dict "name" "REFRESH_MARGIN" "value" .Values.refresh.margin) }}
{{- with .Values.refresh.registryHosts }}
{{- $settings = append $settings (dict "name" "REGISTRY_HOSTS" "value" (join "," .)) }}
{{- end }}
{{- with .Values.aws.region }}
{{- $settings = append $settings (dict "name" "AWS_REGION" "value" .) }}
{{- end }}
{{- with .Values.aws.regions }}
{{- $settings = append $settings (dict "name" "AWS_REGIONS" "value" (join "," .)) }}
{{- end }}
{{- with .Values.aws.roleArn }}
{{- $settings = append $settings (dict "name" "AWS_ROLE_ARN" "value" .) }}
{{- end }}
{{- $keyNames := include "ecr-anywhere.keyNames" . | fromYamlArray }}
{{- $given := list }}
{{- range include "ecr-anywhere.givenEnv" . | fromYamlArray }}
{{- if not (has .name $keyNames) }}
{{- $given = append $given . }}
{{- end }}
{{- end }}
{{- include "ecr-anywhere.joinEnv" (list
  (include "ecr-anywhere.webhook.fixedEnv" . | fromYamlArray)
  $settings
  $given) }}
{{- end }}

{{/*
The names of what both programs have to agree on: it decides what is due, and makes the hash that Secrets carry
(libs/settings/src/refresh-settings.ts).
*/}}
{{- define "ecr-anywhere.sharedNames" -}}
[AWS_REGION, AWS_REGIONS, AWS_DEFAULT_REGION, AWS_ROLE_ARN, ECR_TOKEN_ASSUME_ROLE, REFRESH_THRESHOLD, REFRESH_MARGIN, REGISTRY_HOSTS, PROFILES_FILE]
{{- end }}

{{/* These among the webhook's environment, and what they refer to, which stands before them. */}}
{{- define "ecr-anywhere.sharedEnv" -}}
{{- $names := include "ecr-anywhere.sharedNames" . | fromYamlArray }}
{{- $env := list }}
{{- range include "ecr-anywhere.webhook.env" . | fromYamlArray | reverse }}
{{- if has .name $names }}
{{- $env = prepend $env . }}
{{- $names = include "ecr-anywhere.references" .value | fromYamlArray | concat $names }}
{{- end }}
{{- end }}
{{- toYaml $env }}
{{- end }}

{{/*
The time limit for one request of the refresher, as a list of variables. The API server answers a write only after it has
waited for the webhook, so the refresher has to wait longer. Its own default, 30s, is enough for the usual 10s.
*/}}
{{- define "ecr-anywhere.refresher.requestTimeout" -}}
{{- $seconds := include "ecr-anywhere.webhook.timeoutSeconds" . | int }}
{{- if gt $seconds 10 -}}
- name: REQUEST_TIMEOUT
  value: {{ add $seconds 20 }}s
{{- else -}}
[]
{{- end }}
{{- end }}

{{/* Which Secrets the refresher looks at, as a list of variables. */}}
{{- define "ecr-anywhere.refresher.scope" -}}
{{- $scope := list }}
{{- with .Values.rbac.namespaces }}
{{- $scope = append $scope (dict "name" "NAMESPACES" "value" (join "," .)) }}
{{- end }}
{{- with include "ecr-anywhere.namespaces.ownLabels" . | fromYaml }}
{{- $labels := list }}
{{- range $key, $value := . }}
{{- $labels = append $labels (printf "%s=%s" $key $value) }}
{{- end }}
{{- $scope = append $scope (dict "name" "NAMESPACE_LABELS" "value" (join "," $labels)) }}
{{- end }}
{{- with .Values.rbac.secretNames }}
{{- $scope = append $scope (dict "name" "SECRET_NAMES" "value" (join "," .)) }}
{{- end }}
{{- toYaml $scope }}
{{- end }}

{{/* All of the refresher's environment. */}}
{{- define "ecr-anywhere.refresher.env" -}}
{{- $settings := list
  (dict "name" "CONCURRENCY" "value" (.Values.refresher.concurrency | int | toString))
  (dict "name" "PAGE_SIZE" "value" (.Values.refresher.pageSize | int | toString))
  (dict "name" "REPORT_CONFIG_MAP" "value" (printf "%s/%s" (include "ecr-anywhere.namespace" .) (include "ecr-anywhere.report.name" .)))
  (dict "name" "DEADLINE" "value" (printf "%ds" (sub (include "ecr-anywhere.cronjob.deadline" . | int) 30))) }}
{{- $settings = include "ecr-anywhere.refresher.requestTimeout" . | fromYamlArray | concat $settings }}
{{- $settings = include "ecr-anywhere.refresher.scope" . | fromYamlArray | concat $settings }}
{{- include "ecr-anywhere.joinEnv" (list
  $settings
  (include "ecr-anywhere.sharedEnv" . | fromYamlArray)
  .Values.refresher.extraEnv) }}
{{- end }}
