{{- define "airworthy.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "airworthy.labels" -}}
app.kubernetes.io/name: airworthy
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "airworthy.selector" -}}
app.kubernetes.io/name: airworthy
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "airworthy.image" -}}
{{- $image := .root.Values.image -}}
{{- if .digest -}}
{{- printf "%s%s@%s" $image.prefix .name .digest -}}
{{- else -}}
{{- printf "%s%s:%s" $image.prefix .name (default .root.Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "airworthy.airflowNamespace" -}}
{{- default .Release.Namespace .Values.airflow.namespace -}}
{{- end -}}

{{- define "airworthy.hasAirflow" -}}
{{- if and .Values.airflow.url .Values.airflow.secretName -}}yes{{- end -}}
{{- end -}}

{{- define "airworthy.arrivals" -}}
{{- default (printf "%s/arrivals" (trimSuffix "/store" .Values.store.uri)) .Values.store.arrivals -}}
{{- end -}}
