//! Test helpers of the twoba workspace: fixtures, scripted servers, canaries.
