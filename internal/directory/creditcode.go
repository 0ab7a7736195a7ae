package directory

import "strings"

// creditCodeDigits are the characters of a unified social credit code in the
// order of their values, 0 to 30: digits and capitals without I, O, S, V, Z
// (GB 32100-2015, table 2).
const creditCodeDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditCodeLength is how many characters a credit code has, the check digit
// included.
const creditCodeLength = 18

// ValidCreditCode says whether the text is a unified social credit code
// (统一社会信用代码) with the check digit that GB 32100-2015 asks for. Letters
// must be capitals.
func ValidCreditCode(code string) bool {
	if len(code) != creditCodeLength {
		return false
	}
	base := len(creditCodeDigits)
	// The weight of the i-th character is 3 to the power of i, modulo 31.
	sum, weight := 0, 1
	for i := range creditCodeLength - 1 {
		value := strings.IndexByte(creditCodeDigits, code[i])
		if value < 0 {
			return false
		}
		sum += value * weight
		weight = weight * 3 % base
	}
	return creditCodeDigits[(base-sum%base)%base] == code[creditCodeLength-1]
}
