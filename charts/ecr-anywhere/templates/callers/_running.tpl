{{/* What is running before an upgrade. Only Helm on a cluster sees it (lookup). */}}

{{/*
How the API server and the pods work now, as YAML; nothing if there is no installation yet.
- "path": the path that the API server calls
- "isAggregated": whether it calls that path on itself
- "key": the last part of /sync/KEY, or empty
- "accepts": the modes that the pods take
- "modes": those of them in which the API server may be calling now
- "keyIds": the keys that the pods take
*/}}
{{- define "ecr-anywhere.callers.running" -}}
{{- $service := dict }}
{{- range (lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" .Values.name).webhooks }}
{{- if eq .name "ecr-anywhere.centml.ai" }}
{{- $service = (.clientConfig).service | default dict }}
{{- end }}
{{- end }}
{{- $template := dict }}
{{- if $service }}
{{- $deployment := lookup "apps/v1" "Deployment" (include "ecr-anywhere.namespace" .) .Values.name | default dict }}
{{- $template = dig "spec" "template" dict $deployment }}
{{- end }}
{{- if $template }}
{{- $env := dict }}
{{- range (first $template.spec.containers).env }}
{{- $_ := set $env .name (.value | default "") }}
{{- end }}
{{- /* The original, and this chart before it knew modes, take everybody at /sync. */}}
{{- $accepts := list ($env.CALLER_MODE | default "none") }}
{{- with $env.CALLER_ALSO_ACCEPT }}
{{- $accepts = concat $accepts (splitList "," .) }}
{{- end }}
{{- $path := $service.path | default "/" }}
{{- $isAggregated := and (eq $service.name "kubernetes") (eq $service.namespace "default") }}
{{- $key := and (not $isAggregated) (hasPrefix "/sync/" $path) | ternary (trimPrefix "/sync/" $path) "" }}
{{- $modes := list }}
{{- if $isAggregated }}
{{- $modes = list "aggregated" }}
{{- else if $key }}
{{- $modes = list "path" }}
{{- else }}
{{- range $accepts }}
{{- if has . (list "none" "clientCertificate") }}
{{- $modes = append $modes . }}
{{- end }}
{{- end }}
{{- end }}
{{- $keyIds := dig "metadata" "annotations" "ecr-anywhere.centml.ai/caller-keys" "" $template | splitList "," }}
{{- toYaml (dict "path" $path "isAggregated" $isAggregated "key" $key "accepts" $accepts "modes" ($modes | default (list "none")) "keyIds" $keyIds) }}
{{- end }}
{{- end }}

{{/*
Not empty if all pods are of the Deployment as it stands in the cluster. A pod that is ending still gets requests, and the status
of the Deployment does not count it.
*/}}
{{- define "ecr-anywhere.callers.allPodsAreNew" -}}
{{- $namespace := include "ecr-anywhere.namespace" . }}
{{- $deployment := lookup "apps/v1" "Deployment" $namespace .Values.name }}
{{- $status := $deployment.status | default dict }}
{{- $areNew := eq (int $deployment.metadata.generation) (int $status.observedGeneration) }}
{{- range list "replicas" "updatedReplicas" "readyReplicas" }}
{{- if ne (get $status . | int) (int $deployment.spec.replicas) }}
{{- $areNew = false }}
{{- end }}
{{- end }}
{{- range (lookup "v1" "Pod" $namespace "").items }}
{{- if and .metadata.deletionTimestamp (eq (get (.metadata.labels | default dict) "app") $.Values.name) }}
{{- $areNew = false }}
{{- end }}
{{- end }}
{{- if $areNew }}true{{ end }}
{{- end }}

{{/* Not empty if the API server passes requests for our API on to the webhook. */}}
{{- define "ecr-anywhere.callers.apiIsAvailable" -}}
{{- range dig "status" "conditions" list (lookup "apiregistration.k8s.io/v1" "APIService" "" (include "ecr-anywhere.callers.apiService" .) | default dict) }}
{{- if and (eq .type "Available") (eq .status "True") }}true{{ end }}
{{- end }}
{{- end }}
