{{/* A pod that works alone, as the template of a Job: `chart` is the root, `name` the component, `command` what it runs, `group` has
     resources, nodeSelector and tolerations, and `files` names a ConfigMap that it sees in /etc/headstart. With a `port` it does not
     end, but answers there; `account` is its service account where it has one of its own. */}}
{{- define "headstart.jobPod" -}}
metadata:
  labels:
    {{- include "headstart.selector" .chart | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
spec:
  {{- include "headstart.pod" (merge (dict "account" .account) .chart) | nindent 2 }}
  {{- if not .port }}
  restartPolicy: Never
  # A run that is stopped takes down its Ray cluster.
  terminationGracePeriodSeconds: 120
  {{- end }}
  containers:
    - name: {{ .name }}
      {{- include "headstart.container" .chart | nindent 6 }}
        {{- with .env }}
        {{- . | nindent 8 }}
        {{- end }}
      command: {{ .command }}
      {{- if .port }}
      ports:
        - {name: metrics, containerPort: {{ .port }}}
      readinessProbe: &alive
        httpGet: {path: /healthz, port: metrics}
      livenessProbe: *alive
      {{- end }}
      resources: {{- toYaml .group.resources | nindent 8 }}
      volumeMounts:
        {{- include "headstart.mounts" .chart | nindent 8 }}
        {{- if .chart.Values.persistence.enabled }}
        - {name: data, mountPath: /data}
        {{- end }}
        {{- with .mounts }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- if .files }}
        - {name: files, mountPath: /etc/headstart, readOnly: true}
        {{- end }}
  volumes:
    {{- include "headstart.volumes" .chart | nindent 4 }}
    {{- if .chart.Values.persistence.enabled }}
    - name: data
      persistentVolumeClaim: {claimName: {{ include "headstart.claim" .chart }}}
    {{- end }}
    {{- with .volumes }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- if .files }}
    - name: files
      configMap: {name: {{ .files }}}
    {{- end }}
  {{- with .group.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .group.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
