package shell

import (
	"strings"

	"ctpipe/pipeline"
)

// kubeValues are the options of kubectl and helm that take a separate value.
const kubeValues = " " +
	"-n --namespace " +
	"--context --kube-context --cluster --user " +
	"-s --server --kubeconfig " +
	"-f --filename " +
	"-o --output " +
	"-l --selector " +
	"-c --container " +
	"--token --as --as-group --field-selector " +
	"-p --patch --type " +
	"--replicas --image " +
	"--values --set --version " +
	"--repo --timeout " +
	"-k --kustomize " +
	"--tail --since --sort-by " +
	"--from-literal --from-file " +
	"-L --label-columns --template " +
	"--cache-dir --request-timeout "

// classKube: everything talks to a cluster, so it is net; the verb, resource,
// context and namespace say what it does there.
func classKube(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassNet
	var pos []string
	args := k.args()
	for n := 0; n < len(args); n++ {
		w := args[n].text
		if w == "--" {
			break
		}
		if len(w) < 2 || w[0] != '-' {
			pos = append(pos, w)
			continue
		}
		name, value, attached := strings.Cut(w, "=")
		if !attached && strings.Contains(kubeValues, " "+name+" ") && n+1 < len(args) {
			n++
			value = args[n].text
		} else if !attached && !strings.HasPrefix(w, "--") && len(w) > 2 && strings.Contains(kubeValues, " "+w[:2]+" ") {
			name, value = w[:2], w[2:]
		}
		a.kubeFlag(k, p, i, name, value)
	}
	if len(pos) > 0 {
		if pos[0] == "cp" && p.Prog != "helm" {
			a.kubeCopy(pos[1:], k, i)
		}
		p.Kube.Verb, p.Sub = pos[0], pos[0]
		kubeTarget(p, pos[1:])
	}
}

func (a *analyzer) kubeFlag(k call, p *pipeline.Command, i int, name, value string) {
	switch name {
	case "--context", "--kube-context":
		p.Kube.Context = value
	case "-n", "--namespace":
		p.Kube.Namespace = value
	case "-f", "--filename", "--kubeconfig", "--values", "-k", "--kustomize":
		a.argPath(field{text: value}, Path{Cmd: i}, k.sc)
	case "-s", "--server":
		a.hostText(value)
	}
}

// kubeCopy records the side of kubectl cp that is on this machine.
func (a *analyzer) kubeCopy(pos []string, k call, i int) {
	for n, w := range pos {
		if !strings.Contains(w, ":") {
			a.argPath(field{text: w}, Path{Cmd: i, Write: n > 0, Recursive: n == 0}, k.sc)
		}
	}
}

// kubeTarget finds resource and name: TYPE NAME, TYPE/NAME; helm: a release.
func kubeTarget(p *pipeline.Command, pos []string) {
	if len(pos) == 0 {
		return
	}
	switch p.Kube.Verb {
	case "exec", "logs", "attach", "cp", "port-forward", "debug", "run":
		if p.Prog != "helm" && !strings.Contains(pos[0], "/") {
			p.Kube.Resource, p.Kube.Name = "pod", pos[0]
			return
		}
	case "rollout", "config", "auth", "certificate", "adm":
		if p.Prog != "helm" {
			p.Kube.Verb += " " + pos[0]
			pos = pos[1:]
		}
		if len(pos) == 0 {
			return
		}
	}
	if p.Prog == "helm" {
		p.Kube.Resource, p.Kube.Name = "release", pos[0]
		return
	}
	resource, name, ok := strings.Cut(pos[0], "/")
	p.Kube.Resource = strings.ToLower(resource)
	if !ok && len(pos) > 1 {
		name = pos[1]
	}
	p.Kube.Name = name
}

// classTerraform: reading state needs providers and back ends, so nothing is read.
func classTerraform(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassNet
	for _, w := range k.args() {
		switch {
		case strings.HasPrefix(strings.TrimLeft(w.text, "-"), "auto-approve"):
			p.TF.AutoApprove = w.text != "-auto-approve=false" && w.text != "--auto-approve=false"
		case strings.HasPrefix(w.text, "-"):
			if name, value, ok := strings.Cut(w.text, "="); ok {
				write := strings.Contains(name, "out") || strings.Contains(name, "state") || strings.Contains(name, "backup")
				a.argPath(field{text: value}, Path{Cmd: i, Write: write}, k.sc)
			}
		case p.TF.Verb == "":
			p.TF.Verb, p.Sub = w.text, w.text
		case p.TF.Verb == "state" || p.TF.Verb == "workspace" || p.TF.Verb == "run-all":
			p.TF.Verb += " " + w.text
		default:
			a.argPath(w, Path{Cmd: i}, k.sc)
		}
	}
	switch p.TF.Verb {
	case "apply", "destroy", "init", "run-all apply", "run-all destroy", "test":
		p.Class = pipeline.ClassExec
	case "fmt":
		p.Class = pipeline.ClassWrite
	}
}
