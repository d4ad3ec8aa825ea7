package shell

import (
	"path"
	"strings"
)

// SecretName reports paths on the built-in list of credential files, by name:
// the file itself, or the directory it lies in. It does not look at the disk.
func SecretName(name string) bool {
	name = strings.ToLower(path.Clean(name))
	base := path.Base(name)
	return secretBase(base) || secretPlace(name)
}

func secretBase(base string) bool {
	switch base {
	case ".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults":
		return false
	case ".env", ".envrc",
		".netrc", "_netrc",
		".npmrc", ".pypirc",
		".pgpass", ".my.cnf",
		".git-credentials", ".dockercfg", ".htpasswd", ".vault-token",
		"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk",
		"credentials.json", ".credentials.json", "service-account.json",
		"secrets.yml", "secrets.yaml", "secrets.json", "secrets.toml",
		"master.key", "terraform.tfstate", "terraform.tfstate.backup",
		"kubeconfig", ".terraformrc",
		"shadow", "gshadow",
		".boto", ".s3cfg",
		".cargo-credentials", "wp-config.php":
		return true
	}
	if strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") {
		return true
	}
	for _, ext := range []string{
		".pem", ".key", ".p12", ".pfx", ".kdbx",
		".jks", ".keystore", ".ppk", ".asc.key",
		".tfvars", ".keychain-db", ".agekey", ".gpg",
	} {
		if strings.HasSuffix(base, ext) {
			return true
		}
	}
	return false
}

// secretPlace reports directories that hold credentials.
func secretPlace(name string) bool {
	name = "/" + strings.TrimPrefix(name, "/") + "/"
	for _, dir := range []string{
		"/.ssh/", "/.aws/", "/.gnupg/",
		"/.azure/", "/.config/gcloud/", "/.config/gh/", "/.config/op/",
		"/.docker/config.json/", "/.kube/config/",
		"/.cargo/credentials",
		"/.config/git/credentials/",
		"/.claude/.credentials", "/.claude.json/",
		"/.config/hub/", "/.config/glab-cli/",
		"/.password-store/", "/.terraform.d/credentials", "/.local/share/keyrings/",
		"/.mozilla/firefox/", "/.config/google-chrome/",
		"/.gem/credentials/", "/.m2/settings.xml/",
		"/.oci/", "/.doctl/", "/.config/doctl/",
		"/run/secrets/", "/.vault-token/",
	} {
		if strings.Contains(name, dir) {
			return !strings.HasSuffix(name, ".pub/") && !strings.HasSuffix(name, "/known_hosts/")
		}
	}
	if strings.HasPrefix(name, "/proc/") && (strings.HasSuffix(name, "/environ/") || strings.Contains(name, "/fd/") || strings.HasSuffix(name, "/mem/")) {
		return true
	}
	return false
}
