package docs_test

import "testing"

// TestContributingNamesWhatIsThere: whoever follows the guide finds every file
// that it sends them to.
func TestContributingNamesWhatIsThere(t *testing.T) { namesFiles(t, "CONTRIBUTING.md", 20) }
