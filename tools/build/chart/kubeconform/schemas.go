// Writes the JSON schemas that kubeconform checks manifests with: from Kubernetes' own OpenAPI file (swagger.json), and
// from CRDs. They are strict: a field that Kubernetes does not know is refused.
//
//	schemas OUT swagger.json
//	schemas OUT crd.yaml...
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

type object = map[string]any

func main() {
	out := os.Args[1]
	try(os.MkdirAll(out, 0o755))
	for _, file := range os.Args[2:] {
		text, err := os.ReadFile(file)
		try(err)
		for _, document := range bytes.Split(text, []byte("\n---\n")) {
			var source object
			try(yaml.Unmarshal(document, &source))
			if definitions, ok := source["definitions"].(object); ok {
				writeBuiltIn(out, definitions)
			} else if source["kind"] == "CustomResourceDefinition" {
				writeCustom(out, source["spec"].(object))
			}
		}
	}
}

// One file holds all definitions, and one for each kind points into it.
func writeBuiltIn(out string, definitions object) {
	for name, definition := range definitions {
		strict(definition)
		kinds, _ := definition.(object)["x-kubernetes-group-version-kind"].([]any)
		for _, entry := range kinds {
			kind := entry.(object)
			write(out, kind["kind"].(string), kind["group"].(string), kind["version"].(string),
				object{"$ref": "_definitions.json#/definitions/" + name})
		}
	}
	// Their OpenAPI says "string", but Kubernetes takes more.
	definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = object{"type": []any{"string", "integer"}}
	definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = object{"type": []any{"string", "number"}}
	save(filepath.Join(out, "_definitions.json"), object{"definitions": definitions})
}

func writeCustom(out string, spec object) {
	kind := spec["names"].(object)["kind"].(string)
	for _, entry := range spec["versions"].([]any) {
		version := entry.(object)
		schema := version["schema"].(object)["openAPIV3Schema"].(object)
		strict(schema)
		schema["properties"].(object)["metadata"] = object{"type": "object"}
		write(out, kind, spec["group"].(string), version["name"].(string), schema)
	}
}

// Closes every object that lists its fields.
func strict(part any) {
	schema, ok := part.(object)
	if !ok {
		return
	}
	fields, lists := schema["properties"].(object)
	if _, open := schema["additionalProperties"]; lists && !open && schema["x-kubernetes-preserve-unknown-fields"] != true {
		schema["additionalProperties"] = false
	}
	if schema["x-kubernetes-int-or-string"] == true {
		delete(schema, "type")
	}
	delete(schema, "format") // of no use here, and Kubernetes has its own
	for _, field := range fields {
		strict(field)
	}
	strict(schema["items"])
	strict(schema["additionalProperties"])
}

// Named as kubeconform asks for it: {{.ResourceKind}}{{.KindSuffix}}.json
func write(out, kind, group, version string, schema object) {
	parts := []string{strings.ToLower(kind)}
	if group != "" {
		parts = append(parts, strings.Split(group, ".")[0])
	}
	save(filepath.Join(out, strings.Join(append(parts, version), "-")+".json"), schema)
}

func save(file string, content object) {
	text, err := json.Marshal(content)
	try(err)
	try(os.WriteFile(file, text, 0o644))
}

func try(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
