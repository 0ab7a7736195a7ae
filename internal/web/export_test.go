package web

// SecurePage is for tests that serve pages of their own under the pages' policy.
var SecurePage = securePage

// ParseAll makes every page's template, and returns the first fault.
func (w *Pages) ParseAll() error {
	for _, pages := range w.templates {
		for _, page := range pages {
			if _, err := page.template(); err != nil {
				return err
			}
		}
	}
	return nil
}
