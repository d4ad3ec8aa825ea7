package claude_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"ctpipe/internal/claude"
	"ctpipe/internal/claude/claudetest"

	"github.com/google/uuid"
)

// onePixel is a PNG.
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// TestRealCLIImages covers FUN-07: a picture reaches the model, and the text
// beside it is not expanded: no file that somebody names with @ is read.
func TestRealCLIImages(t *testing.T) {
	r := startReal(t, script(claudetest.Say("a pixel")))
	if err := os.WriteFile(filepath.Join(r.dir, "secret.txt"), []byte("the-secret-words"), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := base64.StdEncoding.DecodeString(onePixel)
	if err != nil {
		t.Fatal(err)
	}
	text := "what is this? see @secret.txt and @" + filepath.Join(r.dir, "secret.txt")
	if err := r.process.Send(claude.UserMessage{UUID: uuid.NewString(), Text: text, Images: []claude.Image{{MediaType: "image/png", Data: data}}}); err != nil {
		t.Fatal(err)
	}
	r.result()
	if !r.told(text) || !r.told("image/png") {
		t.Error("the text or the picture did not reach the model")
	}
	if r.told("the-secret-words") {
		t.Error("a file that the text names was read past both hooks")
	}
}
