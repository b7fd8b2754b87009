{{/*
Who may send reviews after this installation or upgrade, as YAML:
- "mode": the wanted mode, which the pods have as CALLER_MODE
- "accepts": all modes that the pods take, "mode" first
- "path": the path that the API server calls
- "isAggregated": whether the API server calls that path on itself, and its aggregation layer passes the review on
- "keys": the keys that the pods take
- "waits": not empty if the API server does not use the wanted mode, or the wanted key, before the next upgrade

A change takes two upgrades, so that no review is refused: with the first one, new pods take the old mode and path, and the new
ones. The next one lets the API server use the new path, and the pods take nothing else. Where Helm sees no cluster, it does what
the values say, and the user goes these two steps.

The plan may contain a new random key. The first template to need the plan keeps it in the values, for the other templates.
*/}}
{{- define "ecr-anywhere.callers.plan" -}}
{{- if not (hasKey .Values "callersPlan") }}
{{- $_ := set .Values "callersPlan" (include "ecr-anywhere.callers.makePlan" . | fromYaml) }}
{{- end }}
{{- toYaml .Values.callersPlan }}
{{- end }}

{{- define "ecr-anywhere.callers.makePlan" -}}
{{- $running := include "ecr-anywhere.callers.running" . | fromYaml }}
{{- $mode := include "ecr-anywhere.callers.givenMode" . }}
{{- if not $mode }}
{{- /* validate.yaml refuses an empty mode if Helm sees no cluster. */}}
{{- $mode = include "ecr-anywhere.callers.seesCluster" . | empty | ternary "none" "path" }}
{{- end }}
{{- $accepts := concat (list $mode) ((.Values.callers).alsoAccept | default list) | uniq }}
{{- $key := "" }}
{{- if has "path" $accepts }}
{{- $key = include "ecr-anywhere.callers.key" . }}
{{- end }}
{{- $keys := ((.Values.callers).path).otherKeys | default list }}
{{- $isAggregated := eq $mode "aggregated" }}
{{- $path := "/sync" }}
{{- if $isAggregated }}
{{- $path = printf "/apis/%s" (include "ecr-anywhere.callers.api" .) }}
{{- else if eq $mode "path" }}
{{- $path = printf "/sync/%s" $key }}
{{- end }}
{{- $waits := "" }}
{{- if $running }}
{{- /* More than one: none and clientCertificate have the same path. */}}
{{- if or (ne $path $running.path) (not (has $mode $running.accepts)) (gt (len $running.modes) 1) }}
{{- $isReady := has $mode $running.accepts }}
{{- if eq $mode "path" }}
{{- $isReady = and $isReady (has (include "ecr-anywhere.callers.keyId" $key) $running.keyIds) }}
{{- else if $isAggregated }}
{{- $isReady = and $isReady (include "ecr-anywhere.callers.apiIsAvailable" .) }}
{{- end }}
{{- if not (and $isReady (include "ecr-anywhere.callers.allPodsAreNew" .)) }}
{{- $waits = "true" }}
{{- $path = $running.path }}
{{- $isAggregated = $running.isAggregated }}
{{- $accepts = concat $accepts $running.modes | uniq }}
{{- $keys = append $keys $running.key }}
{{- end }}
{{- end }}
{{- end }}
{{- $keys = prepend $keys $key | uniq | compact }}
{{- toYaml (dict "mode" $mode "accepts" $accepts "path" $path "isAggregated" $isAggregated "keys" $keys "waits" $waits) }}
{{- end }}

{{/*
The key that the path is to end with: the one in the values, or a random one, which is kept in a Secret until
callers.path.rotation changes. Empty if there is none, which validate.yaml refuses.
*/}}
{{- define "ecr-anywhere.callers.key" -}}
{{- $path := (.Values.callers).path | default dict }}
{{- if $path.key -}}
{{ $path.key }}
{{- else if include "ecr-anywhere.callers.seesCluster" . }}
{{- $secret := lookup "v1" "Secret" (include "ecr-anywhere.namespace" .) (include "ecr-anywhere.callers.name" .) | default dict }}
{{- $isKept := eq (dig "metadata" "annotations" "ecr-anywhere.centml.ai/rotation" "" $secret) ($path.rotation | default "") }}
{{- $key := dig "data" "keys" "" $secret | b64dec | splitList "\n" | first }}
{{- if and $isKept $key -}}
{{ $key }}
{{- else -}}
{{- /* Kubernetes accepts no capital letters in the path of a webhook. */ -}}
{{ randAlphaNum 64 | lower }}
{{- end }}
{{- end }}
{{- end }}

{{/* Not empty if the pods take the mode. Called with a dict of "root" and "mode". */}}
{{- define "ecr-anywhere.callers.accept" -}}
{{- if has .mode (include "ecr-anywhere.callers.plan" .root | fromYaml).accepts }}true{{ end }}
{{- end }}
