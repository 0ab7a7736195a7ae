//go:build race

package rest_test

// raceDetector says whether the test was built with it.
const raceDetector = true
