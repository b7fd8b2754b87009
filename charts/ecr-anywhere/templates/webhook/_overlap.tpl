{{/*
Compares this installation with the others in the cluster. Only `helm install` and `helm upgrade` see a cluster (lookup). After
`helm template`, and so in Argo CD, it is `helm test` that compares them (apps/refresher/src/commands/overlap.ts). The same cases
test both (apps/refresher/src/testing/overlap-cases.ts).
*/}}

{{/* Another object's annotation may contain anything. A name of a release or a namespace has at most 63 of these characters. */}}
{{- define "ecr-anywhere.overlap.quotable" -}}
{{ regexReplaceAll "[^A-Za-z0-9.-]+" . "?" | trunc 63 }}
{{- end }}

{{/*
The installations in the cluster, this one included, as a YAML list. "isOurs" says whether Helm installed it with this
release; "release" is empty if Helm did not install it.
*/}}
{{- define "ecr-anywhere.overlap.installations" -}}
{{- $installations := list }}
{{- range (lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" "").items }}
{{- $name := .metadata.name }}
{{- $annotations := .metadata.annotations | default dict }}
{{- $release := get $annotations "meta.helm.sh/release-name" | include "ecr-anywhere.overlap.quotable" }}
{{- $namespace := get $annotations "meta.helm.sh/release-namespace" | include "ecr-anywhere.overlap.quotable" }}
{{- $isOurs := and (eq $release $.Release.Name) (eq $namespace $.Release.Namespace) }}
{{- if not .metadata.deletionTimestamp }}
{{- range .webhooks }}
{{- if eq .name "ecr-anywhere.centml.ai" }}
{{- $selector := .namespaceSelector | default dict }}
{{- $installations = append $installations (dict "name" $name "release" $release "namespace" $namespace "isOurs" $isOurs "selector" $selector) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $installations }}
{{- end }}

{{/* The labels for which a namespaceSelector names the values, as a YAML list of "key" and "values". */}}
{{- define "ecr-anywhere.overlap.requirements" -}}
{{- $requirements := list }}
{{- range $key, $value := .matchLabels }}
{{- $requirements = append $requirements (dict "key" $key "values" (list $value)) }}
{{- end }}
{{- range .matchExpressions }}
{{- if eq .operator "In" }}
{{- $requirements = append $requirements (dict "key" .key "values" .values) }}
{{- end }}
{{- end }}
{{- toYaml $requirements }}
{{- end }}

{{/* Not empty if both of a list of two selectors require the same label, with no value in common. */}}
{{- define "ecr-anywhere.overlap.areDisjoint" -}}
{{- $others := include "ecr-anywhere.overlap.requirements" (last .) | fromYamlArray }}
{{- range $one := include "ecr-anywhere.overlap.requirements" (first .) | fromYamlArray }}
{{- range $other := $others }}
{{- if eq $one.key $other.key }}
{{- $common := list }}
{{- range $one.values }}
{{- if has . $other.values }}
{{- $common = append $common . }}
{{- end }}
{{- end }}
{{- if not $common }}disjoint{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The installations that may fill the same Secrets, as a YAML list. "isNew" says whether the overlap comes with this change. An
overlap that exists already must not prevent an upgrade: none of the two installations could be upgraded any more.
*/}}
{{- define "ecr-anywhere.overlap.others" -}}
{{- $overlapping := list }}
{{- $selector := include "ecr-anywhere.namespaces.selector" . | fromYaml }}
{{- $own := list }}
{{- $others := list }}
{{- range include "ecr-anywhere.overlap.installations" . | fromYamlArray }}
{{- if or .isOurs (eq .name $.Values.name) }}
{{- $own = append $own . }}
{{- else }}
{{- $others = append $others . }}
{{- end }}
{{- end }}
{{- range $other := $others }}
{{- if not (include "ecr-anywhere.overlap.areDisjoint" (list $selector .selector)) }}
{{- $isNew := true }}
{{- range $own }}
{{- if not (include "ecr-anywhere.overlap.areDisjoint" (list .selector $other.selector)) }}
{{- $isNew = false }}
{{- end }}
{{- end }}
{{- $overlapping = append $overlapping (merge (dict "isNew" $isNew) $other) }}
{{- end }}
{{- end }}
{{- toYaml $overlapping }}
{{- end }}

{{/* What to do about one of them. Called with a dict of "root" and "other". */}}
{{- define "ecr-anywhere.overlap.message" -}}
the MutatingWebhookConfiguration {{ .other.name }}
{{- if .other.release }}, of the release {{ .other.release }} in the namespace {{ .other.namespace }},{{ end }} may select the same namespaces as {{ .root.Values.name }}: give both installations rbac.namespaces that have no name in common, or a different value for the same label in namespaceSelector.matchLabels, or uninstall one of them
{{- end }}

{{/* What Helm has to refuse, as a YAML list of sentences. */}}
{{- define "ecr-anywhere.overlap.mistakes" -}}
{{- $mistakes := list }}
{{- range include "ecr-anywhere.overlap.installations" . | fromYamlArray }}
{{- if and (eq .name $.Values.name) .release (not .isOurs) }}
{{- $mistakes = append $mistakes (printf "name: %s is the name of another installation, the release %s in the namespace %s: set name to another one" .name .release .namespace) }}
{{- end }}
{{- end }}
{{- range include "ecr-anywhere.overlap.others" . | fromYamlArray }}
{{- if .isNew }}
{{- $mistakes = append $mistakes (include "ecr-anywhere.overlap.message" (dict "root" $ "other" .)) }}
{{- end }}
{{- end }}
{{- toYaml $mistakes }}
{{- end }}
