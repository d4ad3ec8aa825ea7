package markdown

import "testing"

// TestClosesFence covers STR-04: a fence ends where CommonMark ends it.
func TestClosesFence(t *testing.T) {
	for _, c := range []struct {
		open, line string
		closes     bool
	}{
		{"```go", "```", true},
		{"```", "````", true},
		{"````md", "```", false},
		{"```", "~~~", false},
		{"~~~ py", "~~~~", true},
		{"```", "``` x", false},
		{"```", "   ```  ", true},
		{"```", "    ```", false},
		{"```", "\t```", false},
		{"    ```sh", "    ```", true},
		{"  ```sh", "```", true},
		{"````", "> ````", false},
		{"> ```", "> ```", true},
		{"> ```", ">```", true},
		{"> ```", "```", false},
		{"> ```", "> > ```", false},
		{"> > ```", "> > ````", true},
		{"", "```", false},
		{"text", "```", false},
	} {
		if got := ClosesFence(c.line, c.open); got != c.closes {
			t.Errorf("%q closes %q: %v", c.line, c.open, got)
		}
	}
}

// TestFenceAfter covers STR-04: which fence is open behind a line.
func TestFenceAfter(t *testing.T) {
	for _, c := range [][3]string{
		{"", "text", ""}, {"", "```go", "```go"}, {"```go", "code", "```go"}, {"```go", "```", ""}, {"```go", "```js", "```go"},
		{"> ```", "> code", "> ```"}, {"> ```", "out of the quote", ""}, {"> ```", "", ""}, {"> ```", "```", "```"},
		{"", "``` a`b", ""}, {"", "  ~~~ x \r\n", "  ~~~ x"},
	} {
		if got := FenceAfter(c[0], c[1]); got != c[2] {
			t.Errorf("%q after %q: %q, want %q", c[1], c[0], got, c[2])
		}
	}
	for open, end := range map[string]string{"```go": "```", "  ~~~~ x": "  ~~~~", "> ```sh": "> ```"} {
		if got := FenceEnd(open); got != end {
			t.Errorf("%q ends with %q", open, got)
		}
	}
}
