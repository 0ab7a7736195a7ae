//go:build !race

package testkit

// RaceDetector says whether the tests were built with it.
const RaceDetector = false
