package stages

import "strings"

var skinTones = []string{
	"_medium_light_skin_tone", "_medium_dark_skin_tone", "_light_skin_tone", "_medium_skin_tone", "_dark_skin_tone",
}

// bareEmoji takes the skin tone off an emoji's name; both ways of writing it
// are in use: +1_dark_skin_tone and thumbsup_dark_skin_tone.
func bareEmoji(name string) string {
	for _, tone := range skinTones {
		if bare, ok := strings.CutSuffix(name, tone); ok {
			return bare
		}
	}
	return name
}
