package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"whistle/internal/config"
)

// starts fails the test unless the service would start with these settings, of
// which those that name a file of a secret get one.
func starts(t *testing.T, environment map[string]string) {
	t.Helper()
	known := map[string]bool{}
	for _, s := range config.Settings() {
		known[s.Variable] = true
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for variable, value := range environment {
		if file := strings.TrimSuffix(variable, "_FILE"); file != variable {
			variable, value = file+"_FILE", secret
			known[variable] = known[file]
		}
		if strings.HasPrefix(variable, "WHISTLE_") && !known[variable] {
			t.Errorf("there is no setting %s", variable)
		}
		t.Setenv(variable, value)
	}
	cfg, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Check(); err != nil {
		t.Error(err)
	}
}

// TestComposeIsValid: Compose takes the file, and its parts fit together.
func TestComposeIsValid(t *testing.T) {
	const file = "../../deploy/compose.yaml"
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: filepath.Dir(file), ConfigFiles: []types.ConfigFile{{Filename: file}},
		Environment: types.Mapping{"WHISTLE_DB_PASSWORD": "secret", "WHISTLE_HOST": "whistle.example.org"},
	})
	if err != nil {
		t.Fatal(err)
	}
	proxy := project.Services["proxy"]
	upstreams := strings.Fields(*proxy.Environment["WHISTLE_UPSTREAMS"])
	if len(upstreams) != 2 {
		t.Errorf("the proxy asks %v", upstreams)
	}
	for _, upstream := range upstreams {
		name, port, _ := strings.Cut(upstream, ":")
		service := project.Services[name]
		environment := map[string]string{}
		for variable, value := range service.Environment {
			environment[variable] = *value
		}
		starts(t, environment)
		if !service.ReadOnly || environment["WHISTLE_ADDR"] != ":"+port || len(service.Ports) > 0 {
			t.Errorf("%s: read-only %v, at %s, open to %v", name, service.ReadOnly, environment["WHISTLE_ADDR"], service.Ports)
		}
		if trusted := environment["WHISTLE_TRUSTED_PROXIES"]; project.Networks["front"].Ipam.Config[0].Subnet != netip.MustParsePrefix(trusted).String() {
			t.Errorf("%s believes %s", name, trusted)
		}
		if secret := environment["WHISTLE_DATABASE_PASSWORD_FILE"]; secret != "/run/secrets/"+service.Secrets[0].Source || secret != *project.Services["database"].Environment["POSTGRES_PASSWORD_FILE"] {
			t.Errorf("%s has the password from %s", name, secret)
		}
		if strings.Contains(environment["WHISTLE_DATABASE_URL"], "secret") {
			t.Errorf("%s has the password in its environment", name)
		}
	}
	if i := slices.IndexFunc(proxy.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == "/etc/caddy/Caddyfile" }); i < 0 {
		t.Error("the proxy has no configuration")
	} else if _, err := os.Stat(proxy.Volumes[i].Source); err != nil {
		t.Error(err)
	}
	if networks := project.Services["database"].Networks; len(networks) != 1 || !project.Networks["inside"].Internal {
		t.Errorf("the database is reached from %v", networks)
	}
}

// manifests are the objects of deploy/kubernetes as the cluster gets them.
type manifests struct {
	deployment appsv1.Deployment
	job        batchv1.Job
	service    corev1.Service
	settings   corev1.ConfigMap
	disruption policyv1.PodDisruptionBudget
	network    networkingv1.NetworkPolicy
	ingress    networkingv1.Ingress
}

// render makes them with kustomize, and holds each against the types of its API,
// which take no field that they lack.
func render(t *testing.T) (m manifests) {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "../../deploy/kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	into := map[string]any{
		"apps/v1 Deployment": &m.deployment, "batch/v1 Job": &m.job, "v1 Service": &m.service, "v1 ConfigMap": &m.settings,
		"policy/v1 PodDisruptionBudget": &m.disruption, "networking.k8s.io/v1 NetworkPolicy": &m.network, "networking.k8s.io/v1 Ingress": &m.ingress,
	}
	for _, resource := range made.Resources() {
		kind := resource.GetApiVersion() + " " + resource.GetKind()
		object, expected := into[kind]
		if !expected {
			t.Errorf("nobody looks at %s %s", kind, resource.GetName())
			continue
		}
		delete(into, kind)
		text, err := resource.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if unknown, err := json.UnmarshalStrict(text, object); err != nil || len(unknown) > 0 {
			t.Errorf("%s %s: %v %v", kind, resource.GetName(), unknown, err)
		}
		if resource.GetNamespace() != "whistle" {
			t.Errorf("%s %s is in %q", kind, resource.GetName(), resource.GetNamespace())
		}
	}
	for kind := range into {
		t.Errorf("there is no %s", kind)
	}
	if t.Failed() {
		t.FailNow()
	}
	return m
}

// TestKubernetesIsValid: the objects are of their types, and fit together and to
// the program.
func TestKubernetesIsValid(t *testing.T) {
	m := render(t)
	pod := m.deployment.Spec.Template
	has := func(what string, wanted map[string]string) {
		t.Helper()
		for label, value := range wanted {
			if pod.Labels[label] != value {
				t.Errorf("%s looks for %s=%s, the pods have %v", what, label, value, pod.Labels)
			}
		}
		if len(wanted) == 0 {
			t.Errorf("%s looks for everything", what)
		}
	}
	has("the deployment", m.deployment.Spec.Selector.MatchLabels)
	has("the service", m.service.Spec.Selector)
	has("the disruption budget", m.disruption.Spec.Selector.MatchLabels)
	has("the network policy", m.network.Spec.PodSelector.MatchLabels)
	rolling := m.deployment.Spec.Strategy.RollingUpdate
	if *m.deployment.Spec.Replicas != 2 || rolling.MaxUnavailable.IntValue() != 0 || rolling.MaxSurge.IntValue() != 1 || m.disruption.Spec.MinAvailable.IntValue() != 1 {
		t.Errorf("%d replicas, %+v, at least %v", *m.deployment.Spec.Replicas, rolling, m.disruption.Spec.MinAvailable)
	}

	server := pod.Spec.Containers[0]
	ports := map[string]bool{}
	for _, port := range server.Ports {
		ports[port.Name] = true
	}
	named := []string{m.service.Spec.Ports[0].TargetPort.String()}
	for _, rule := range m.network.Spec.Ingress {
		named = append(named, rule.Ports[0].Port.String())
	}
	for path, probe := range map[string]*corev1.Probe{"/healthz": server.LivenessProbe, "/readyz": server.ReadinessProbe} {
		named = append(named, probe.HTTPGet.Port.String())
		if probe.HTTPGet.Path != path {
			t.Errorf("%s is asked for %s", probe.HTTPGet.Path, path)
		}
	}
	for _, name := range named {
		if !ports[name] {
			t.Errorf("there is no port %q of %v", name, ports)
		}
	}
	if backend := m.ingress.Spec.Rules[0].HTTP.Paths[0].Backend.Service; backend.Name != m.service.Name || backend.Port.Name != m.service.Spec.Ports[0].Name {
		t.Errorf("the ingress leads to %+v", backend)
	}

	for _, p := range []corev1.PodTemplateSpec{pod, m.job.Spec.Template} {
		container := p.Spec.Containers[0]
		if strings.HasPrefix(container.Image, "whistle") {
			t.Errorf("the image %s is not replaced", container.Image)
		}
		if _, rest, err := newRoot().Find(container.Args); err != nil || len(rest) > 0 {
			t.Errorf("there is no command %v: %v", container.Args, err)
		}
		if container.EnvFrom[0].ConfigMapRef.Name != m.settings.Name {
			t.Errorf("settings come from %s, they are in %s", container.EnvFrom[0].ConfigMapRef.Name, m.settings.Name)
		}
		if c := container.SecurityContext; !*c.ReadOnlyRootFilesystem || *c.AllowPrivilegeEscalation || !*p.Spec.SecurityContext.RunAsNonRoot {
			t.Errorf("%s may write or be root", container.Name)
		}
		volumes := map[string]bool{}
		for _, v := range p.Spec.Volumes {
			volumes[v.Name] = true
		}
		environment := map[string]string{}
		for variable, value := range m.settings.Data {
			environment[variable] = value
		}
		for _, variable := range container.Env {
			environment[variable.Name] = variable.Value
		}
		mounts := map[string]bool{}
		for _, mount := range container.VolumeMounts {
			mounts[mount.MountPath] = true
			if !volumes[mount.Name] {
				t.Errorf("%s mounts %s, which is not there", container.Name, mount.Name)
			}
		}
		if !mounts[environment["WHISTLE_DATA_DIR"]] {
			t.Errorf("%s cannot write to its data directory", container.Name)
		}
		for variable, path := range environment {
			if strings.HasSuffix(variable, "_FILE") && !mounts[filepath.Dir(path)] {
				t.Errorf("%s is at %s, where nothing is", variable, path)
			}
		}
		starts(t, environment)
	}
}
