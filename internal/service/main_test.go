package service_test

import (
	"testing"

	"whistle/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
