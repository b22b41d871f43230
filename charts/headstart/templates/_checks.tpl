{{/* What the schema cannot say of values that do not go together. */}}
{{- define "headstart.checks" -}}
{{- $values := .Values -}}
{{- $stores := list (include "headstart.workspace" .) (include "headstart.registry" .) -}}
{{- if eq $values.image.tag "latest" -}}
  {{- fail "image.tag is latest, which changes by itself. Name a version, or a digest in image.digest." -}}
{{- end -}}
{{- if $values.retrain.enabled -}}
  {{- if not $values.retrain.spec -}}
    {{- fail "retrain.enabled is true and retrain.spec is empty. Give the spec's text: --set-file retrain.spec=tickets.yaml." -}}
  {{- end -}}
  {{- $spec := fromYaml $values.retrain.spec -}}
  {{- if contains "cannot unmarshal" (default "" $spec.Error | toString) -}}
    {{- fail (printf "retrain.spec is %q, and not the text of a spec. Give it: --set-file retrain.spec=tickets.yaml." (trunc 60 $values.retrain.spec)) -}}
  {{- end -}}
  {{- if hasKey $spec "Error" -}}
    {{- fail (printf "retrain.spec is not valid YAML: %s." (trimSuffix "." $spec.Error)) -}}
  {{- end -}}
  {{- range list "name" "data" -}}
    {{- if not (hasKey $spec .) -}}
      {{- fail (printf "retrain.spec has no key %q. A spec names the model and its data." .) -}}
    {{- end -}}
  {{- end -}}
  {{- include "headstart.checkPaths" (dict "key" "data" "given" $spec.data "local" "^[^/]" "elsewhere" "^[a-z0-9]+:") -}}
  {{- include "headstart.checkPaths" (dict "key" "backbones" "given" $spec.backbones "local" "^[.~]" "elsewhere" "^$") -}}
  {{- if has "" $stores -}}
    {{- fail "retrain.enabled is true, and there is nowhere to keep its results. Set workspace and registry to s3:// prefixes, or persistence.enabled." -}}
  {{- end -}}
  {{- if eq $values.retrain.on "ray" -}}
    {{- range $stores -}}
      {{- if not (hasPrefix "s3://" .) -}}
        {{- fail (printf "retrain.on is ray, whose pods share no volume, and %s is a folder. Set workspace and registry to s3:// prefixes." .) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if and $values.gc.enabled (not (last $stores)) -}}
  {{- fail "gc.enabled is true, and there is no registry. Set registry to an s3:// prefix, or persistence.enabled." -}}
{{- end -}}
{{- if and $values.metrics.enabled (has "" $stores) -}}
  {{- fail "metrics.enabled is true, and there is nothing to tell of. Set workspace and registry to s3:// prefixes, or persistence.enabled." -}}
{{- end -}}
{{- if and $values.metrics.enabled $values.persistence.enabled (eq $values.persistence.accessMode "ReadWriteOncePod") -}}
  {{- fail "metrics.enabled is true, and persistence.accessMode lets one pod at a time have the volume. Set ReadWriteOnce or ReadWriteMany." -}}
{{- end -}}
{{- if $values.schedules.enabled -}}
  {{- $file := fromYaml $values.schedules.file -}}
  {{- if or (hasKey $file "Error") (not (hasKey $file "schedules")) -}}
    {{- fail "schedules.enabled is true, and schedules.file is not the text of a file of schedules. Give it: --set-file schedules.file=schedules.yaml." -}}
  {{- end -}}
  {{- range $file.schedules -}}
    {{- if and .spec (not (hasKey $values.schedules.specs .spec)) -}}
      {{- fail (printf "schedules.file names the spec %s, and schedules.specs does not have it." .spec) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- range $stores -}}
  {{- if and (hasPrefix "/" .) (not $values.persistence.enabled) -}}
    {{- fail (printf "%s is a folder, and persistence.enabled is false: it would be lost with the pod." .) -}}
  {{- end -}}
{{- end -}}
{{- if and (or $values.rayCluster.enabled (and $values.retrain.enabled (eq $values.retrain.on "ray"))) (not (regexMatch "^[a-z]" (include "headstart.fullname" .))) -}}
  {{- fail (printf "The name %s starts with a digit, which the services of a Ray cluster must not. Set fullnameOverride." (include "headstart.fullname" .)) -}}
{{- end -}}
{{- end -}}


{{/* Whether a key of the retraining's spec names a path that is relative, or in somebody's home: no pod has that. What is `given` is a
     path, a list or a mapping of such, or a section with a `source`; a path is what matches `local` and not `elsewhere`. */}}
{{- define "headstart.checkPaths" -}}
{{- $given := .given -}}
{{- if and (kindIs "map" $given) (eq .key "data") -}}
  {{- include "headstart.checkPaths" (dict "key" "data.source" "given" $given.source "local" .local "elsewhere" .elsewhere) -}}
{{- else if or (kindIs "map" $given) (kindIs "slice" $given) -}}
  {{- range $given -}}
    {{- include "headstart.checkPaths" (dict "key" $.key "given" . "local" $.local "elsewhere" $.elsewhere) -}}
  {{- end -}}
{{- else if and (kindIs "string" $given) (regexMatch .local $given) (not (regexMatch .elsewhere $given)) -}}
  {{- fail (printf "retrain.spec: %s is %s, a path on your machine. Name an object store, such as s3://bucket/%s, or an absolute path that the pods have, such as /data/%s." .key $given (base $given) (base $given)) -}}
{{- end -}}
{{- end -}}
