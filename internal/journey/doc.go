// Package journey holds the journeys: what people do at the pages, in a real
// Chromium, from their first click to what the others see of it. There is
// nothing in it but tests; their pictures are kept in .test-results/screenshots.
package journey
