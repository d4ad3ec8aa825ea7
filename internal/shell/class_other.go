package shell

import "ctpipe/pipeline"

// known gives the class of programs that do more than read, and the roles of
// their operands where those are simple.
func known(prog string) (pipeline.Class, string) {
	switch prog {
	case "rm", "rmdir", "unlink", "shred", "touch", "mkdir", "tee", "truncate", "mktemp", "mkfifo", "mknod", "fallocate",
		"trash", "sponge", "mkfs", "wipefs",
		"gofmt", "prettier", "black", "isort":
		return pipeline.ClassWrite, "w*"
	case "link":
		return pipeline.ClassWrite, "r*w"
	case "chmod", "chown", "chgrp", "chattr", "setfacl", "setfattr":
		return pipeline.ClassWrite, "tw*"
	case "kill", "pkill", "killall", "renice", "wait", "jobs", "fg", "bg", "disown",
		"mount", "umount",
		"sysctl", "systemctl", "service",
		"useradd", "usermod", "passwd",
		"gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "zstd",
		"zip", "unzip", "7z", "ar",
		"cpio", "patch", "split", "csplit",
		"crontab", "at", "batch",
		"dropdb", "createdb",
		"rename", "logger", "sync", "swapoff", "swapon",
		"reboot", "shutdown", "halt", "poweroff",
		"iptables", "ufw",
		"defaults", "launchctl", "loginctl", "hostnamectl", "timedatectl":
		return pipeline.ClassWrite, ""
	case "ssh", "mosh", "sftp",
		"nc", "ncat", "netcat", "socat",
		"telnet", "ftp", "lftp",
		"ping", "ping6",
		"dig", "nslookup", "host", "whois",
		"traceroute", "tracepath", "mtr", "nmap",
		"http", "https", "xh", "aria2c",
		"gh", "glab", "hub",
		"aws", "gcloud", "gsutil", "az", "doctl",
		"heroku", "fly", "flyctl", "vercel", "netlify", "wrangler", "firebase",
		"twine", "rclone", "s3cmd", "mc",
		"ssh-copy-id", "ssh-keyscan",
		"redis-cli", "mongosh", "mongo",
		"ansible", "ansible-playbook", "vault", "consul", "op", "pulumi",
		"mail", "sendmail", "openssl":
		return pipeline.ClassNet, ""
	case "make", "gmake", "ninja", "cmake", "meson", "bazel", "buck", "just", "task", "rake",
		"gradle", "gradlew", "mvn", "ant", "sbt", "lein",
		"mix", "tox", "nox", "invoke", "fab",
		"jest", "vitest", "mocha", "pytest",
		"tsc", "eslint", "webpack", "vite", "rollup",
		"gcc", "g++", "cc", "c++", "clang", "ld",
		"rustc", "javac", "java",
		"dotnet", "swift", "zig", "ghc", "stack", "cabal",
		"emacs", "vim", "vi", "nvim", "nano", "ed", "ex",
		"less", "more", "man", "info",
		"gdb", "lldb",
		"docker", "podman", "nerdctl", "docker-compose",
		"tmux", "screen", "expect",
		"nix", "nix-shell",
		"drizzle-kit", "prisma", "alembic", "flyway", "rails", "django-admin",
		"code", "open", "xdg-open",
		"su", "runuser",
		"dmesg", "journalctl":
		return pipeline.ClassExec, ""
	}
	return pipeline.ClassUnknown, ""
}

// hidesTargets reports programs that run what a project's files say.
func hidesTargets(prog string) bool {
	switch prog {
	case "make", "gmake", "just", "task", "rake", "ninja", "gradle", "gradlew", "mvn", "ant", "invoke", "fab", "tox", "nox", "bazel":
		return true
	}
	return false
}

// hasSub reports programs whose first operand is a subcommand.
func hasSub(prog string) bool {
	switch prog {
	case "docker", "podman", "nerdctl", "docker-compose",
		"gh", "glab",
		"aws", "gcloud", "az",
		"systemctl", "service",
		"fly", "flyctl", "heroku", "vercel", "netlify", "firebase", "wrangler",
		"dotnet", "swift", "zig", "mvn", "gradle", "bazel",
		"rails", "prisma", "alembic", "drizzle-kit",
		"vault", "consul", "op", "pulumi", "ansible", "openssl",
		"nix", "tmux", "make", "just",
		"launchctl", "ip":
		return true
	}
	return false
}

func firstOperand(args []field) string {
	for _, w := range args {
		if !w.dynamic && w.text != "" && w.text[0] != '-' {
			return w.text
		}
	}
	return ""
}
