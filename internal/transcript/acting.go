package transcript

// What a transcript does stands in types of its own, one for each subject. They
// have no state: all is the transcript's.
type (
	// heard takes what Claude said of its calls and tasks.
	heard struct{ *Transcript }
	// pending keeps what is not judged yet.
	pending struct{ *Transcript }
	// posts lays judged blocks into the thread's posts.
	posts struct{ *Transcript }
	// cleaner takes credentials out of what Claude said.
	cleaner struct{ *Transcript }
)

func (t *Transcript) heard() heard     { return heard{t} }
func (t *Transcript) pending() pending { return pending{t} }
func (t *Transcript) posts() posts     { return posts{t} }
func (t *Transcript) cleaner() cleaner { return cleaner{t} }
